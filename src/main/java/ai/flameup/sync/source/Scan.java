package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.StreamEvent.KeyedRow;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the whole table in the order of its primary key, chunk by chunk through the {@link Fence}, beside the stream.
 * One thread runs it; each chunk is bounded in rows and in bytes.
 */
public final class Scan {
    private static final Logger LOG = LoggerFactory.getLogger(Scan.class);
    private static final int MOST_ROWS = 2_048;
    private static final long MOST_BYTES = 4 << 20;
    private static final int PAUSE_MILLIS = 100;

    private final long id;
    private final Database database;
    private final Table table;
    private final Fence fence;
    private final Markers markers;
    private final String columns;
    private final String key;
    private final String keyTypes;
    /** Small at first: rows may be of a megabyte each. */
    private int rows = 128;
    /** The last key of the table when the scan began: rows that come later are in the stream. */
    private @Nullable RowKey until;

    public Scan(long id, Database database, Table table, Fence fence, Markers markers) {
        this.id = id;
        this.database = database;
        this.table = table;
        this.fence = fence;
        this.markers = markers;
        this.columns = table.read().stream()
                .map(column -> Sql.identifier(column.name()) + "::text")
                .collect(Collectors.joining(", "));
        this.key = table.key().stream()
                .map(column -> Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
        this.keyTypes =
                table.key().stream().map(column -> "?::" + column.type()).collect(Collectors.joining(", "));
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
        Read read = fenced(connection -> chunk(connection, after, last), stop);
        if (read == null || read.rows.isEmpty()) {
            return null;
        }
        RowKey reached = read.rows.get(read.rows.size() - 1).key();
        List<RowKey> again = read.again;
        while (!again.isEmpty()) {
            if (stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return null;
            }
            List<RowKey> keys = again;
            Read more = fenced(connection -> new Read(snapshot(connection), byKey(connection, keys), reached), stop);
            if (more == null) {
                return null;
            }
            again = more.again;
        }
        return reached;
    }

    private @Nullable RowKey lastKey() throws SQLException {
        String texts = table.key().stream()
                .map(column -> Sql.identifier(column.name()) + "::text")
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
                            values.add(String.valueOf(Values.ofText(table.key().get(i), row.getString(i + 1))));
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

    private interface Reading {
        Read read(Connection connection) throws SQLException;
    }

    /** Rows under one snapshot, and, once their marker has come, which to read again. */
    private static final class Read {
        private final Snapshot snapshot;
        private final List<KeyedRow> rows;
        private final @Nullable RowKey progress;
        private List<RowKey> again = List.of();

        Read(Snapshot snapshot, List<KeyedRow> rows, @Nullable RowKey progress) {
            this.snapshot = snapshot;
            this.rows = rows;
            this.progress = progress;
        }
    }

    private @Nullable Read fenced(Reading reading, CountDownLatch stop) throws SQLException, InterruptedException {
        while (stop.getCount() > 0) {
            Read read = read(reading);
            if (read.progress == null) {
                return read;
            }
            String marker = markers.fence();
            CompletableFuture<List<RowKey>> arrived =
                    fence.register(marker, read.snapshot, id, read.rows, read.progress);
            if (arrived == null) {
                stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                continue;
            }
            boolean written = false;
            try {
                markers.write(marker);
                written = true;
                List<RowKey> again = await(arrived, stop);
                if (again == null) {
                    return null;
                }
                read.again = again;
                return read;
            } finally {
                if (!written || !arrived.isDone()) {
                    fence.withdraw(marker);
                }
            }
        }
        return null;
    }

    private static @Nullable List<RowKey> await(CompletableFuture<List<RowKey>> arrived, CountDownLatch stop)
            throws InterruptedException {
        while (stop.getCount() > 0) {
            try {
                return arrived.get(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.trace("Not yet: the stream may be far behind", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return null;
    }

    private Read read(Reading reading) throws SQLException {
        try (Connection connection = database.connection()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            Read read = reading.read(connection);
            connection.commit();
            return read;
        }
    }

    private static Snapshot snapshot(Connection connection) throws SQLException {
        return Snapshot.parse(Catalog.text(connection, "SELECT pg_current_snapshot()"));
    }

    private Read chunk(Connection connection, @Nullable RowKey after, RowKey last) throws SQLException {
        Snapshot snapshot = snapshot(connection);
        String size = table.read().stream()
                .map(column -> "coalesce(octet_length(" + Sql.identifier(column.name()) + "::text), 0)")
                .collect(Collectors.joining(" + "));
        String where = " WHERE (%s) <= (%s)".formatted(key, keyTypes)
                + (after == null ? "" : " AND (%s) > (%s)".formatted(key, keyTypes));
        // The running total bounds the bytes within one statement; the first row always comes. The last ORDER BY names
        // the table, or it would mean the columns of the result, which are texts.
        String sql = ("SELECT %s FROM (SELECT *, sum(flameup_size) OVER (ORDER BY %s ROWS UNBOUNDED PRECEDING)"
                        + " - flameup_size AS flameup_before FROM (SELECT %s, (%s)::bigint AS flameup_size FROM %s%s"
                        + " ORDER BY %s LIMIT %d) flameup_chunk) flameup_sized WHERE flameup_before < %d ORDER BY %s")
                .formatted(
                        columns,
                        key,
                        table.read().stream()
                                .map(column -> Sql.identifier(column.name()))
                                .collect(Collectors.joining(", ")),
                        size,
                        database.settings().quotedTable(),
                        where,
                        key,
                        rows,
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
            collect(statement, read);
        }
        if (read.size() == rows) {
            rows = Math.min(MOST_ROWS, rows * 4);
        } else if (!read.isEmpty()) {
            rows = Math.max(1, Math.min(rows, read.size() * 2));
        }
        return new Read(
                snapshot,
                read,
                read.isEmpty() ? null : read.get(read.size() - 1).key());
    }

    private List<KeyedRow> byKey(Connection connection, List<RowKey> keys) throws SQLException {
        String arrays = table.key().stream()
                .map(column -> "?::text[]::" + column.type() + "[]")
                .collect(Collectors.joining(", "));
        String sql = "SELECT %s FROM %s WHERE (%s) IN (SELECT * FROM unnest(%s))"
                .formatted(columns, database.settings().quotedTable(), key, arrays);
        List<KeyedRow> read = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < table.key().size(); i++) {
                int column = i;
                Array values = connection.createArrayOf(
                        "text", keys.stream().map(k -> k.values().get(column)).toArray());
                statement.setArray(i + 1, values);
            }
            collect(statement, read);
        }
        return read;
    }

    private void collect(PreparedStatement statement, List<KeyedRow> into) throws SQLException {
        List<Column> read = table.read();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                @Nullable String[] values = new String[read.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Values.ofText(read.get(i), result.getString(i + 1));
                }
                List<String> keyValues = new ArrayList<>(table.key().size());
                for (Column column : table.key()) {
                    keyValues.add(String.valueOf(values[read.indexOf(column)]));
                }
                into.add(new KeyedRow(
                        RowKey.of(keyValues),
                        Row.of(Arrays.copyOf(values, table.columns().size()))));
            }
        }
    }
}
