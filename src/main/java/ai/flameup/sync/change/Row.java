package ai.flameup.sync.change;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row, in the order of the columns that are read, each as its canonical text: what Postgres prints
 * with time zone UTC, ISO dates and full float digits, with the forms of DESIGN.md section 4 where JSON asks for
 * another. The stream and every read give the same text for the same value. Immutable, once handed over.
 */
public final class Row {
    /** A value that the change does not carry: a large one that an update left alone. Compared by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    private static final String ABSENT = new String("absent");

    private final @Nullable String[] values;

    private Row(@Nullable String[] values) {
        this.values = values;
    }

    /** Takes the array over: the caller no longer touches it. */
    public static Row of(@Nullable String... values) {
        return new Row(values);
    }

    /** What stands in the array for a value that the change does not carry. */
    public static String absent() {
        return ABSENT;
    }

    public int size() {
        return values.length;
    }

    /** False where the change does not carry the column's value. */
    @SuppressWarnings("ReferenceEquality")
    public boolean has(int column) {
        return values[column] != ABSENT;
    }

    /** The column's text, or null for SQL's null. */
    public @Nullable String get(int column) {
        if (!has(column)) {
            throw new IllegalStateException("the change does not carry column " + column);
        }
        return values[column];
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
        return other instanceof Row row && Arrays.equals(values, row.values);
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
