package ai.flameup.sync.change;

/** The JSON type of a column's text. */
public enum JsonKind {
    /** A number with exactly the digits of the text; NaN and infinities become strings. */
    NUMBER,
    /** The texts {@code true} and {@code false}. */
    BOOLEAN,
    STRING,
    /** The text is already JSON. */
    JSON;

    /** Whether the text is valid JSON as it is, so that it is not quoted as a string. */
    public boolean isRaw(String text) {
        return switch (this) {
            case NUMBER -> isDigit(text, text.startsWith("-") ? 1 : 0);
            case BOOLEAN, JSON -> true;
            case STRING -> false;
        };
    }

    private static boolean isDigit(String text, int index) {
        return index < text.length() && text.charAt(index) >= '0' && text.charAt(index) <= '9';
    }
}
