package ai.flameup.sync.cli.output;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.IntPredicate;

/** Makes JSON from the database safe to print: the same JSON, with some characters escaped. */
public final class PlainJson {
    private static final int LAST_OF_ASCII = 0x7e;

    private PlainJson() {}

    /** Escapes only characters that act on a terminal. */
    public static String of(byte[] json) {
        return escaped(json, PlainJson::acts);
    }

    /** Escapes everything outside ASCII, for any character set. */
    public static String ascii(byte[] json) {
        return escaped(json, character -> character > LAST_OF_ASCII);
    }

    private static String escaped(byte[] json, IntPredicate escapes) {
        String text = new String(json, StandardCharsets.UTF_8);
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(character -> {
            if (character == '\r') {
                // Outside of strings, where no character may be escaped.
                escaped.append(' ');
            } else if (escapes.test(character)) {
                for (char unit : Character.toChars(character)) {
                    escaped.append(String.format(Locale.ROOT, "\\u%04X", (int) unit));
                }
            } else {
                escaped.appendCodePoint(character);
            }
        });
        return escaped.toString();
    }

    private static boolean acts(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL -> character != '\n' && character != '\t';
            case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
