package ai.flameup.sync.delivery.header;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Sanitizes text of others, so that it can be stored and shown. */
public final class Sanitizer {
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]+");
    private static final Pattern SPACES = Pattern.compile(" {2,}");
    private static final String HIDDEN = "[token]";
    /** A shorter part of a token is no secret, and may be a common word. */
    private static final int MIN_SECRET_CHARS = 8;

    private Sanitizer() {}

    /**
     * The text as one line without control characters, cut to a size in UTF-8, and without the token or either part of it.
     */
    public static String of(String text, String token, int maxBytes) {
        String hidden = text;
        if (!token.isBlank()) {
            hidden = hidden.replace(token, HIDDEN);
            for (String part : token.split("\\.", -1)) {
                if (part.length() >= MIN_SECRET_CHARS) {
                    hidden = hidden.replace(part, HIDDEN);
                }
            }
        }
        String line =
                SPACES.matcher(UNPRINTABLE.matcher(hidden).replaceAll(" ")).replaceAll(" ");
        return cut(line.strip(), maxBytes);
    }

    private static String cut(String line, int maxBytes) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= maxBytes) {
            return line;
        }
        int end = maxBytes;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
