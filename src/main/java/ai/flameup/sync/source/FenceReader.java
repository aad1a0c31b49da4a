package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.StreamEvent.KeyedRow;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows and sees them through the {@link Fence}, with those that have to be read again. One thread at a time.
 */
final class FenceReader {
    private static final Logger LOG = LoggerFactory.getLogger(FenceReader.class);
    private static final int PAUSE_MILLIS = 100;

    private final long scan;
    private final Database database;
    private final Table table;
    private final Fence fence;
    private final Markers markers;
    private final String columns;
    private final Types types;
    private @Nullable Shape shape;
    /** Where the operators are that the key is ordered by; null as long as it is not known. */
    private @Nullable String searchPath;

    private JsonKind[] kinds = {};

    /**
     * @param scan what the rows are handed on with
     */
    FenceReader(long scan, Database database, Table table, Fence fence, Markers markers) {
        this.scan = scan;
        this.database = database;
        this.table = table;
        this.fence = fence;
        this.markers = markers;
        this.types = new Types(database);
        this.columns = table.read().stream()
                .map(column -> Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
    }

    /** What to select for {@link #collect}. */
    String columns() {
        return columns;
    }

    interface Reading {
        List<KeyedRow> read(Connection connection) throws SQLException;
    }

    /** Where a scan has come to with the rows; null where it is none that has an order. */
    interface Progress {
        @Nullable
        RowKey of(List<KeyedRow> rows);
    }

    /**
     * Reads rows, and waits until they have taken their place in the stream.
     *
     * @return the rows that were read; null when stopped
     */
    @Nullable
    List<KeyedRow> read(Reading reading, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        Read first = fenced(reading, progress, stop);
        if (first == null) {
            return null;
        }
        List<RowKey> again = first.again;
        while (!again.isEmpty()) {
            if (stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                return null;
            }
            List<RowKey> keys = again;
            RowKey reached = progress.of(first.rows);
            Read more = fenced(connection -> byKey(connection, keys), rows -> reached, stop);
            if (more == null) {
                return null;
            }
            again = more.again;
        }
        return first.rows;
    }

    /** Rows under one snapshot, and, once their marker has come, which to read again. */
    private static final class Read {
        private final Snapshot snapshot;
        private final List<KeyedRow> rows;
        private List<RowKey> again = List.of();

        Read(Snapshot snapshot, List<KeyedRow> rows) {
            this.snapshot = snapshot;
            this.rows = rows;
        }
    }

    private @Nullable Read fenced(Reading reading, Progress progress, CountDownLatch stop)
            throws SQLException, InterruptedException {
        while (stop.getCount() > 0) {
            Read read = inOneSnapshot(reading);
            RowKey reached = progress.of(read.rows);
            if (read.rows.isEmpty() && reached == null) {
                return read;
            }
            // Also where there is no row any more: that it has been looked at is told in the same order.
            String marker = markers.fence();
            CompletableFuture<List<RowKey>> arrived = fence.register(marker, read.snapshot, scan, read.rows, reached);
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

    private Read inOneSnapshot(Reading reading) throws SQLException {
        while (true) {
            Shape before = shape == null ? look() : shape;
            shape = before;
            kinds = before.kinds();
            try (Connection connection = database.connection()) {
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connection.setReadOnly(true);
                Snapshot snapshot = Snapshot.parse(Catalog.text(connection, "SELECT pg_current_snapshot()"));
                compareAsTheKeyDoes(connection);
                List<KeyedRow> rows = reading.read(connection);
                // Having read, we hold a lock that keeps the table from being altered until we commit.
                shape = look();
                connection.commit();
                if (before.equals(shape)) {
                    return new Read(snapshot, rows);
                }
                LOG.debug("The table was altered while it was read: reading again");
            }
        }
    }

    /**
     * ORDER BY goes by the key's own operators, wherever they are, but {@code <=}, {@code >} and {@code IN} by those that
     * the search path finds: for citext in another schema these would be text's, which keep another order, and rows would
     * be missed; for ltree there would be none.
     */
    private void compareAsTheKeyDoes(Connection connection) throws SQLException {
        if (searchPath == null) {
            searchPath = Catalog.text(
                    connection,
                    "SELECT concat('pg_catalog', string_agg(DISTINCT ', ' || quote_ident(n.nspname), ''))"
                            + " FROM pg_index i CROSS JOIN unnest(i.indclass::oid[]) AS k (opclass)"
                            + " JOIN pg_opclass c ON c.oid = k.opclass JOIN pg_amop m ON m.amopfamily = c.opcfamily"
                            + " AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype"
                            + " JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace"
                            + " WHERE i.indrelid = to_regclass(?) AND i.indisprimary AND n.nspname <> 'pg_catalog'",
                    database.settings().quotedTable());
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL search_path = " + searchPath);
        }
    }

    private Shape look() throws SQLException {
        try (Connection connection = database.connection()) {
            Shape seen = Shape.look(connection, database.settings().quotedTable(), table.read(), types);
            connection.rollback();
            return seen;
        }
    }

    /** The types of the columns. */
    Types types() {
        return types;
    }

    /** The rows of the keys that there are. */
    List<KeyedRow> byKey(Connection connection, List<RowKey> keys) throws SQLException {
        String key = table.key().stream()
                .map(column -> Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
        List<String> names = IntStream.range(0, table.key().size())
                .mapToObj(i -> "flameup_key_" + i)
                .toList();
        String typed = IntStream.range(0, names.size())
                .mapToObj(i -> types.typed(table.key().get(i), names.get(i)))
                .collect(Collectors.joining(", "));
        String arrays = names.stream().map(name -> "?::text[]").collect(Collectors.joining(", "));
        String sql = "SELECT %s FROM %s WHERE (%s) IN (SELECT %s FROM unnest(%s) AS flameup_keys (%s))"
                .formatted(columns, database.settings().quotedTable(), key, typed, arrays, String.join(", ", names));
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

    /** What the statement finds, which selects {@link #columns}. */
    void collect(PreparedStatement statement, List<KeyedRow> into) throws SQLException {
        List<Column> read = table.read();
        Shape known = shape;
        if (known == null) {
            throw new IllegalStateException("rows are only collected while they are read");
        }
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                @Nullable String[] values = new String[read.size()];
                for (int i = 0; i < values.length; i++) {
                    String printed = result.getString(i + 1);
                    values[i] = printed == null ? null : known.types().get(i).ofText(printed);
                }
                List<String> keyValues = new ArrayList<>(table.key().size());
                for (Column column : table.key()) {
                    keyValues.add(String.valueOf(values[read.indexOf(column)]));
                }
                into.add(new KeyedRow(
                        RowKey.of(keyValues),
                        Row.of(kinds, Arrays.copyOf(values, table.columns().size()))));
            }
        }
    }
}
