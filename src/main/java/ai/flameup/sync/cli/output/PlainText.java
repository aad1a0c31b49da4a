package ai.flameup.sync.cli.output;

/**
 * Makes text from the API or the database safe for a terminal: it must not move the cursor, change colours or look like
 * another line.
 */
public final class PlainText {
    private static final String UNPRINTABLE = "[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\x{80}-\\x{9F}]+";

    private PlainText() {}

    /** The text on one line. */
    public static String of(String text) {
        return text.replaceAll(UNPRINTABLE, " ").strip();
    }

    /** The first words on one line, up to {@code most} characters. */
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
