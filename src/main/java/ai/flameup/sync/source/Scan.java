package ai.flameup.sync.source;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.StreamEvent.KeyedRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole table in the order of its primary key, chunk by chunk through the {@link Fence}, beside the stream.
 * One thread runs it; each chunk is bounded in rows and in bytes.
 */
public final class Scan {
    static final int MOST_ROWS = 512;
    private static final long MOST_BYTES = 4 << 20;

    private final Database database;
    private final Table table;
    private final FenceReader reader;
    private final String key;
    private final String size;
    private final String before;
    /** Small at first: rows may be of a megabyte each. */
    private int rows = 128;
    /** The last key of the table when the scan began: rows that come later are in the stream. */
    private @Nullable RowKey until;

    public Scan(long id, Database database, Table table, Fence fence, Markers markers) {
        this.database = database;
        this.table = table;
        this.reader = new FenceReader(id, database, table, fence, markers);
        this.key = table.key().stream()
                .map(column -> Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
        this.size = unused("flameup_size");
        this.before = unused("flameup_before");
    }

    /** A name that none of the columns has. */
    private String unused(String name) {
        return table.read().stream().anyMatch(column -> column.name().equals(name)) ? unused(name + '_') : name;
    }

    /**
     * Reads the next chunk and sees it through the fence, with the rows that have to be read again.
     *
     * @param after where the scan has come to; null for its beginning
     * @return where it has come to now; null at the end of the table, or when stopped
     * @throws ai.flameup.sync.fault.Fault 3 if it cannot be read; {@link Database#isPassing} tells whether to try again
     */
    public @Nullable RowKey next(@Nullable RowKey after, CountDownLatch stop) throws InterruptedException {
        try {
            return read(after, stop);
        } catch (SQLException e) {
            throw database.fault("reading the table", e);
        }
    }

    private @Nullable RowKey read(@Nullable RowKey after, CountDownLatch stop)
            throws SQLException, InterruptedException {
        RowKey last = until == null ? lastKey() : until;
        if (last == null) {
            return null;
        }
        until = last;
        List<KeyedRow> read = reader.read(connection -> chunk(connection, after, last), Scan::reached, stop);
        return read == null ? null : reached(read);
    }

    private static @Nullable RowKey reached(List<KeyedRow> rows) {
        return rows.isEmpty() ? null : rows.get(rows.size() - 1).key();
    }

    private @Nullable RowKey lastKey() throws SQLException {
        String texts = table.key().stream()
                .map(column -> Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
        String backwards = table.key().stream()
                .map(column -> "flameup_table." + Sql.identifier(column.name()) + " DESC")
                .collect(Collectors.joining(", "));
        List<RowKey> last = new ArrayList<>(1);
        try (Connection connection = database.connection()) {
            Catalog.query(
                    connection,
                    "SELECT %s FROM %s flameup_table ORDER BY %s LIMIT 1"
                            .formatted(texts, database.settings().quotedTable(), backwards),
                    row -> {
                        List<String> values = new ArrayList<>();
                        for (int i = 0; i < table.key().size(); i++) {
                            values.add(reader.types()
                                    .of(table.key().get(i).typeOid())
                                    .ofText(row.getString(i + 1)));
                        }
                        last.add(RowKey.of(values));
                    });
            connection.rollback();
        }
        return last.isEmpty() ? null : last.get(0);
    }

    /** How many rows the table has: Postgres's own estimate, or a count where it has none. */
    public static long estimate(Database database) {
        try (Connection connection = database.connection()) {
            String table = database.settings().quotedTable();
            double rows = Double.parseDouble(
                    Catalog.text(connection, "SELECT reltuples FROM pg_class WHERE oid = ?::regclass", table));
            return rows > 0 ? (long) rows : Long.parseLong(Catalog.text(connection, "SELECT count(*) FROM " + table));
        } catch (SQLException e) {
            throw database.fault("telling the table's size", e);
        }
    }

    private List<KeyedRow> chunk(Connection connection, @Nullable RowKey after, RowKey last) throws SQLException {
        String bytes = table.read().stream()
                .map(column -> "coalesce(octet_length(" + Sql.identifier(column.name()) + "::text), 0)")
                .collect(Collectors.joining(" + "));
        String bound = table.key().stream()
                .map(column -> reader.types().typed(column, "?"))
                .collect(Collectors.joining(", "));
        String where = " WHERE (%s) <= (%s)".formatted(key, bound)
                + (after == null ? "" : " AND (%s) > (%s)".formatted(key, bound));
        // The running total bounds the bytes within one statement; the first row always comes. The last ORDER BY names
        // the table, or it would mean the columns of the result, which are texts.
        String sql = ("SELECT %s FROM (SELECT *, sum(%s) OVER (ORDER BY %s ROWS UNBOUNDED PRECEDING)"
                        + " - %s AS %s FROM (SELECT %s, (%s)::bigint AS %s FROM %s%s"
                        + " ORDER BY %s LIMIT %d) flameup_chunk) flameup_sized WHERE %s < %d ORDER BY %s")
                .formatted(
                        reader.columns(),
                        size,
                        key,
                        size,
                        before,
                        table.read().stream()
                                .map(column -> Sql.identifier(column.name()))
                                .collect(Collectors.joining(", ")),
                        bytes,
                        size,
                        database.settings().quotedTable(),
                        where,
                        key,
                        rows,
                        before,
                        MOST_BYTES,
                        table.key().stream()
                                .map(column -> "flameup_sized." + Sql.identifier(column.name()))
                                .collect(Collectors.joining(", ")));
        List<KeyedRow> read = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            List<String> bounds = new ArrayList<>(last.values());
            if (after != null) {
                bounds.addAll(after.values());
            }
            for (int i = 0; i < bounds.size(); i++) {
                statement.setString(i + 1, bounds.get(i));
            }
            reader.collect(statement, read);
        }
        if (read.size() == rows) {
            rows = Math.min(MOST_ROWS, rows * 4);
        } else if (!read.isEmpty()) {
            rows = Math.max(1, Math.min(rows, read.size() * 2));
        }
        return read;
    }
}
