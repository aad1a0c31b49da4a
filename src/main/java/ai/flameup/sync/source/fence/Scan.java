package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.PageReader;
import ai.flameup.sync.source.rows.RowReader;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole table in the order of its primary key, chunk by chunk through the {@link Fence}. Each chunk is limited in
 * rows and in bytes. For one thread.
 */
public final class Scan {
    private final Database database;
    private final Table table;
    private final RowReader rows;
    private final PageReader pages;
    private final FenceReader reader;
    private final ReadPace pace;
    /** The last key of the table when the scan began. The stream carries later rows. */
    private @Nullable RowKey until;

    public Scan(long id, Database database, Table table, FenceContext fencing) {
        this.database = database;
        this.table = table;
        this.rows = new RowReader(database, table);
        this.pages = new PageReader(database, table, rows);
        this.reader = new FenceReader(id, rows, fencing);
        this.pace = fencing.pace();
    }

    /**
     * Reads the next chunk and waits until it has passed the fence.
     *
     * @param after the last key of the previous chunk; null for the first chunk
     * @return the last key of this chunk; null at the end of the table, or when stopped
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails; {@link PostgresFailures#isTransient} tells whether to try again
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
        PageReader.Range range = new PageReader.Range(after, last, null);
        FenceReader.Result read = reader.read(
                connection -> pages.next(connection, range, pace.maxRows()), List.of(), Scan::reached, stop);
        return read == null ? null : reached(read.rows());
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
            Database.limitLockWait(connection);
            Queries.query(
                    connection,
                    "SELECT %s FROM %s flameup_table ORDER BY %s LIMIT 1"
                            .formatted(texts, database.settings().quotedTable(), backwards),
                    row -> {
                        List<String> values = new ArrayList<>();
                        for (int i = 0; i < table.key().size(); i++) {
                            values.add(rows.types()
                                    .of(table.key().get(i).typeOid())
                                    .ofText(row.getString(i + 1)));
                        }
                        last.add(RowKey.of(values));
                    });
            connection.rollback();
        }
        return last.isEmpty() ? null : last.get(0);
    }

    /** Returns Postgres's estimate of the number of rows, including partitions; empty if it has none yet. */
    public static OptionalLong analyzed(Database database) {
        try (Connection connection = database.connection()) {
            String rows = Queries.text(
                    connection,
                    "SELECT sum(reltuples)::bigint FROM pg_class WHERE reltuples >= 0 AND (oid = to_regclass(?)"
                            + " OR oid IN (SELECT relid FROM pg_partition_tree(to_regclass(?)) WHERE isleaf))",
                    database.settings().quotedTable(),
                    database.settings().quotedTable());
            connection.rollback();
            return rows.equals("null") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(rows));
        } catch (SQLException e) {
            throw database.fault("estimating the table's size", e);
        }
    }

    /**
     * Returns Postgres's estimate of the number of rows, or their count if there is no estimate; empty if another session has
     * locked the table.
     */
    public static OptionalLong estimate(Database database) {
        OptionalLong analyzed = analyzed(database);
        if (analyzed.orElse(0) > 0) {
            return analyzed;
        }
        try (Connection connection = database.connection()) {
            Database.limitLockWait(connection);
            return OptionalLong.of(Long.parseLong(Queries.text(
                    connection, "SELECT count(*) FROM " + database.settings().quotedTable())));
        } catch (SQLException e) {
            if (PostgresFailures.isLocked(e)) {
                return OptionalLong.empty();
            }
            throw database.fault("estimating the table's size", e);
        }
    }
}
