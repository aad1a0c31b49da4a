package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.core.Oid;

/** The size of a row as text. Stateless. */
final class RowSize {
    /** The types of the most frequent short values. To print them only for their size would be a third of the query's work. */
    private static final Set<Integer> SHORT = Set.of(
            Oid.BOOL,
            Oid.INT2,
            Oid.INT4,
            Oid.INT8,
            Oid.FLOAT4,
            Oid.FLOAT8,
            Oid.DATE,
            Oid.TIMESTAMP,
            Oid.TIMESTAMPTZ,
            Oid.UUID);

    /** As many as a UUID, the longest of them. */
    private static final int MAX_SHORT_BYTES = 36;

    private RowSize() {}

    /**
     * Returns an SQL expression for the size in bytes, at most: short values count as the longest of them.
     *
     * @param names of the columns in the query, quoted
     */
    static String sql(List<Column> columns, List<String> names) {
        String others = IntStream.range(0, columns.size())
                .filter(i -> !SHORT.contains(columns.get(i).typeOid()))
                .mapToObj(i -> "coalesce(octet_length(" + names.get(i) + "::text), 0) + ")
                .collect(Collectors.joining());
        long shortOnes = columns.stream()
                .filter(column -> SHORT.contains(column.typeOid()))
                .count();
        return others + shortOnes * MAX_SHORT_BYTES;
    }
}
