package ai.flameup.sync.change;

import java.util.regex.Pattern;

/** What a column's text becomes in JSON. */
public enum JsonKind {
    /** A number with exactly the digits of the text; NaN and infinities become strings. */
    NUMBER,
    /** The texts {@code true} and {@code false}. */
    BOOLEAN,
    STRING;

    private static final Pattern NUMERIC =
            Pattern.compile("smallint|integer|bigint|numeric(\\(.*\\))?|real|double precision");

    /**
     * @param type as {@code format_type} prints it
     */
    public static JsonKind ofType(String type) {
        if (NUMERIC.matcher(type).matches()) {
            return NUMBER;
        }
        return type.equals("boolean") ? BOOLEAN : STRING;
    }
}
