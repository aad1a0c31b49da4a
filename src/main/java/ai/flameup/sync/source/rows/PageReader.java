package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows in the order of the primary key, page by page. Each page is limited in rows and in bytes. One thread at a
 * time.
 */
public final class PageReader {
    /** The maximum number of rows of a page. */
    public static final int MAX_ROWS = 512;

    private final Database database;
    private final Table table;
    private final RowReader reader;
    private final String key;
    private final String size;
    private final String before;
    /** The limit of the next page. Small at first, because a row may have a megabyte. */
    private int rows = 128;

    private final int maxRows;

    public PageReader(Database database, Table table, RowReader reader) {
        this(database, table, reader, MAX_ROWS);
    }

    /** @param maxRows the maximum number of rows of a page */
    PageReader(Database database, Table table, RowReader reader, int maxRows) {
        this.maxRows = maxRows;
        this.database = database;
        this.table = table;
        this.reader = reader;
        this.key = table.key().stream()
                .map(column -> Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
        this.size = reader.columns().unused("flameup_size");
        this.before = reader.columns().unused("flameup_before");
    }

    /**
     * Selects rows.
     *
     * @param after exclusive lower bound; null for the first row
     * @param last inclusive upper bound; null for the last row
     * @param holding the values of which rows must have one; null for all rows
     */
    public record Range(
            @Nullable RowKey after,
            @Nullable RowKey last,
            @Nullable Holding holding) {}

    /**
     * The values of a column, of which rows must have one.
     *
     * @param texts at least one; each the canonical text, or any other text that Postgres accepts for the column's type
     */
    record Holding(Column column, List<String> texts) {}

    /**
     * Reads the next page of a range.
     *
     * @param most the maximum number of rows; with 0 only the range is checked
     * @return the rows; empty at the end
     */
    public List<KeyedRow> next(Connection connection, Range range, int most) throws SQLException {
        int limit = Math.min(rows, most);
        List<String> bounds = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        bound(range.last(), "<=", conditions, bounds);
        bound(range.after(), ">", conditions, bounds);
        Holding holding = range.holding();
        if (holding != null) {
            conditions.add("%s IN (%s)"
                    .formatted(
                            Sql.identifier(holding.column.name()),
                            String.join(
                                    ", ",
                                    Collections.nCopies(
                                            holding.texts.size(), reader.types().decoded(holding.column, "?")))));
            addOperatorsOf(connection, holding.column);
        }
        ExpressionGuard.Query<List<KeyedRow>> query = (fewer, computed) -> {
            try (PreparedStatement statement = connection.prepareStatement(sql(conditions, fewer, computed))) {
                for (int i = 0; i < bounds.size(); i++) {
                    statement.setString(i + 1, bounds.get(i));
                }
                for (int i = 0; holding != null && i < holding.texts.size(); i++) {
                    // Without a type, so that Postgres uses the column's. A cast to the declared type would truncate it
                    // to varchar(3) or round it to numeric(9,2), and find another person.
                    statement.setObject(bounds.size() + i + 1, holding.texts.get(i), Types.OTHER);
                }
                return reader.collect(statement, computed);
            }
        };
        // A plan may compute more rows than it returns, so only a read by keys finds the one that fails.
        List<KeyedRow> read = reader.guard().runOr(connection, limit, query, () -> {
            List<RowKey> keys = query.run(limit, ReadColumns.Computed.NOTHING).stream()
                    .map(KeyedRow::key)
                    .toList();
            return keys.isEmpty()
                    ? List.of()
                    : reader.pageByKey(connection, keys).rows();
        });
        if (read.size() == rows) {
            rows = Math.min(maxRows, rows * 4);
        } else if (!read.isEmpty() && read.size() < limit) {
            rows = Math.max(1, Math.min(rows, read.size() * 2));
        }
        return read;
    }

    private void bound(@Nullable RowKey bound, String operator, List<String> conditions, List<String> bounds)
            throws SQLException {
        if (bound != null) {
            String values = table.key().stream()
                    .map(column -> reader.types().typed(column, "?"))
                    .collect(Collectors.joining(", "));
            conditions.add("(%s) %s (%s)".formatted(key, operator, values));
            bounds.addAll(reader.ofTable(bound));
        }
    }

    private String sql(List<String> conditions, int limit, ReadColumns.Computed computed) {
        ReadColumns columns = reader.columns();
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        // The running total limits the bytes within one statement; the first row is always returned. The last ORDER BY
        // names the table, because otherwise it would order by the result's columns, which are texts.
        String ordered =
                "FROM %s%s ORDER BY %s LIMIT %s".formatted(database.settings().quotedTable(), where, key, limit);
        // LIMIT keeps the planner from computing an expression again in each outer part.
        String source = columns.hasExpressions()
                ? "FROM (SELECT %s %s) flameup_rows".formatted(columns.select(computed), ordered)
                : ordered;
        return ("SELECT %s FROM (SELECT *, sum(%s) OVER (ORDER BY %s ROWS UNBOUNDED PRECEDING)"
                        + " - %s AS %s FROM (SELECT %s, (%s)::bigint AS %s %s) flameup_chunk) flameup_sized"
                        + " WHERE %s < %s ORDER BY %s")
                .formatted(
                        columns.names(),
                        size,
                        key,
                        size,
                        before,
                        columns.names(),
                        columns.bytes(),
                        size,
                        source,
                        before,
                        RowReader.MAX_BYTES,
                        table.key().stream()
                                .map(column -> "flameup_sized." + Sql.identifier(column.name()))
                                .collect(Collectors.joining(", ")));
    }

    /** The operators of an extension's type are in the schema of the type. */
    static void addOperatorsOf(Connection connection, Column column) throws SQLException {
        Queries.query(
                connection,
                "SELECT set_config('search_path', current_setting('search_path') || ', ' || quote_ident(n.nspname), true)"
                        + " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
                        + " WHERE t.oid = ?::oid AND n.nspname <> 'pg_catalog'",
                row -> {},
                Integer.toUnsignedString(column.typeOid()));
    }
}
