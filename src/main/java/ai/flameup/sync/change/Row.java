package ai.flameup.sync.change;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row, in the order of the columns that are read. Each is its canonical text: as Postgres prints it with
 * time zone UTC, ISO dates and full float digits, or in the form of values.md if JSON needs another one. The stream and
 * every read have the same text for the same value. Immutable: the caller must not change the arrays that it passes.
 */
public final class Row {
    /** A large value that an update did not change. Compared by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    private static final String ABSENT = new String("absent");

    /** A value that must be read. Compared by identity. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    private static final String UNREAD = new String("unread");

    private final JsonKind[] kinds;
    private final @Nullable String[] values;
    private final @Nullable String failure;

    private Row(JsonKind[] kinds, @Nullable String[] values, @Nullable String failure) {
        this.kinds = kinds;
        this.values = values;
        this.failure = failure;
    }

    /**
     * Does not copy the arrays.
     *
     * @param kinds of the columns, in their order. May be longer than the values, and shared by many rows
     */
    public static Row of(JsonKind[] kinds, @Nullable String... values) {
        return new Row(kinds, values, null);
    }

    /**
     * Returns the row with the reason why its expressions have no values.
     *
     * @param reason contains no value of the row
     */
    public Row failed(String reason) {
        return new Row(kinds, values, reason);
    }

    /** Why the row's expressions have no values; null if they have, or if they were not read. */
    public @Nullable String failure() {
        return failure;
    }

    /** Marks a value that the change does not carry, because it did not change a large value. */
    public static String absent() {
        return ABSENT;
    }

    /** Marks a value that the change cannot carry, so that the row must be read. */
    public static String unread() {
        return UNREAD;
    }

    public int size() {
        return values.length;
    }

    /** Returns the row with only its first columns. */
    public Row first(int count) {
        return count == values.length ? this : new Row(kinds, Arrays.copyOf(values, count), failure);
    }

    /** Whether the change carries the column's value. */
    @SuppressWarnings("ReferenceEquality")
    public boolean has(int column) {
        return values[column] != ABSENT && values[column] != UNREAD;
    }

    /** Whether the change cannot carry the column's value, which may have changed. */
    @SuppressWarnings("ReferenceEquality")
    public boolean isUnread(int column) {
        return values[column] == UNREAD;
    }

    /** The column's text, or null for SQL's null. The change must carry it. */
    public @Nullable String get(int column) {
        if (!has(column)) {
            throw new IllegalStateException("the change does not carry column " + column);
        }
        return values[column];
    }

    /** The JSON type of the column's text. */
    public JsonKind kind(int column) {
        return kinds[column];
    }

    /** Whether the change carries all values. */
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
        return other instanceof Row row
                && Arrays.equals(values, row.values)
                && Arrays.equals(kinds, row.kinds)
                && Objects.equals(failure, row.failure);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }

    /** Without the values, which are personal data. */
    @Override
    public String toString() {
        return "Row[" + values.length + " columns]";
    }
}
