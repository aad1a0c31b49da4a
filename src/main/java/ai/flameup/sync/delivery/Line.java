package ai.flameup.sync.delivery;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Words from outside, made fit to be stored and shown. */
final class Line {
    private static final Pattern UNSHOWN = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]+");
    private static final Pattern SPACES = Pattern.compile(" {2,}");
    private static final String HIDDEN = "[token]";
    /** A shorter part of a token is no secret, and could be any word. */
    private static final int SECRET_CHARS = 8;

    private Line() {}

    /**
     * One line without control characters, cut to a size in UTF-8, and without the token or either side of its dot.
     */
    static String of(String words, String token, int mostBytes) {
        String hidden = words;
        if (!token.isBlank()) {
            hidden = hidden.replace(token, HIDDEN);
            for (String part : token.split("\\.", -1)) {
                if (part.length() >= SECRET_CHARS) {
                    hidden = hidden.replace(part, HIDDEN);
                }
            }
        }
        String line = SPACES.matcher(UNSHOWN.matcher(hidden).replaceAll(" ")).replaceAll(" ");
        return cut(line.strip(), mostBytes);
    }

    private static String cut(String line, int mostBytes) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= mostBytes) {
            return line;
        }
        int end = mostBytes;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
