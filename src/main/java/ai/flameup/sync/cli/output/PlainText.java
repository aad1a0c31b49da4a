package ai.flameup.sync.cli.output;

/**
 * Text of others, made harmless for a terminal: what the API said, or an application put into its table, must not move
 * the cursor, change colours or pretend to be a line of ours.
 */
public final class PlainText {
    private static final String UNPRINTABLE = "[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\x{80}-\\x{9F}]+";

    private PlainText() {}

    /** On one line. */
    public static String of(String text) {
        return text.replaceAll(UNPRINTABLE, " ").strip();
    }

    /** The first words, on one line. */
    public static String beginning(String text, int most) {
        String line = of(text).replaceAll("\\s+", " ");
        if (line.length() <= most) {
            return line;
        }
        int end = line.lastIndexOf(' ', most);
        int cut = end > 0 ? end : line.offsetByCodePoints(0, line.codePointCount(0, most));
        return line.substring(0, cut) + " ...";
    }
}
