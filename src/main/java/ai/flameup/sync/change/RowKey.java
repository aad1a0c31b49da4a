package ai.flameup.sync.change;

import java.util.List;

/**
 * The primary key of a row: the canonical texts of its columns, in the key's order. Immutable.
 *
 * <p>A single string, because hundreds of thousands of keys are compared. Postgres's text cannot contain the separator.
 *
 * @param joined the values, separated by a zero character
 */
public record RowKey(String joined) {
    private static final String SEPARATOR = "\u0000";

    public static RowKey of(List<String> values) {
        return new RowKey(String.join(SEPARATOR, values));
    }

    public List<String> values() {
        return List.of(joined.split(SEPARATOR, -1));
    }

    /** Without the values, because a key may be an email address. */
    @Override
    public String toString() {
        return "RowKey";
    }
}
