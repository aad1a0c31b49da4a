package ai.flameup.sync.change;

/** What a column's text becomes in JSON. */
public enum JsonKind {
    /** A number with exactly the digits of the text; NaN and infinities become strings. */
    NUMBER,
    /** The texts {@code true} and {@code false}. */
    BOOLEAN,
    STRING
}
