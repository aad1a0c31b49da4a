package ai.flameup.sync.change;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row, in the order of the columns that are read, each as its canonical text: what Postgres prints
 * with time zone UTC, ISO dates and full float digits, and the forms of values.md if JSON needs another. The stream and every read give the same text for the same value. Immutable, once handed over.
 */
public final class Row {
    /** A large value that an update left alone. Compared by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    private static final String ABSENT = new String("absent");

    /** Compared by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    private static final String UNREAD = new String("unread");

    private final JsonKind[] kinds;
    private final @Nullable String[] values;

    private Row(JsonKind[] kinds, @Nullable String[] values) {
        this.kinds = kinds;
        this.values = values;
    }

    /**
     * Takes the arrays over: the caller no longer touches them.
     *
     * @param kinds of the columns, in their order; may be longer than the values, and shared by any number of rows
     */
    public static Row of(JsonKind[] kinds, @Nullable String... values) {
        return new Row(kinds, values);
    }

    /** What stands in the array for a value that the change does not carry, because it left a large one alone. */
    public static String absent() {
        return ABSENT;
    }

    /** What stands in the array for a value that the change cannot carry, so that the row has to be read. */
    public static String unread() {
        return UNREAD;
    }

    public int size() {
        return values.length;
    }

    /** False where the change does not carry the column's value. */
    @SuppressWarnings("ReferenceEquality")
    public boolean has(int column) {
        return values[column] != ABSENT && values[column] != UNREAD;
    }

    /** Whether the change cannot carry the column's value, which may be another than before. */
    @SuppressWarnings("ReferenceEquality")
    public boolean isUnread(int column) {
        return values[column] == UNREAD;
    }

    /** The column's text, or null for SQL's null. */
    public @Nullable String get(int column) {
        if (!has(column)) {
            throw new IllegalStateException("the change does not carry column " + column);
        }
        return values[column];
    }

    /** What the column's text becomes in JSON. */
    public JsonKind kind(int column) {
        return kinds[column];
    }

    /** False where any value is not carried. */
    public boolean isWhole() {
        for (int column = 0; column < values.length; column++) {
            if (!has(column)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Row row && Arrays.equals(values, row.values) && Arrays.equals(kinds, row.kinds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    /** Without the values: a row is personal data. */
    @Override
    public String toString() {
        return "Row[" + values.length + " columns]";
    }
}
