package ai.flameup.sync.change;

/** What a column's text becomes in JSON. */
public enum JsonKind {
    /** A number with exactly the digits of the text; NaN and infinities become strings. */
    NUMBER,
    /** The texts {@code true} and {@code false}. */
    BOOLEAN,
    STRING,
    /** The text is JSON already. */
    JSON;

    /** Whether the text stands in JSON as it is, and not as a string. */
    public boolean isRaw(String text) {
        return switch (this) {
            case NUMBER -> isDigit(text, text.startsWith("-") ? 1 : 0);
            case BOOLEAN, JSON -> true;
            case STRING -> false;
        };
    }

    private static boolean isDigit(String text, int at) {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }
}
