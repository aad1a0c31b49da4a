package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.type.TypeCatalog;
import ai.flameup.sync.source.type.ValueType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLState;

/**
 * Finds the rows that changes of watched tables concern. It needs no place in the stream: a row that gets or loses the value
 * meanwhile is changed itself, and read for that reason. Runs read-only transactions. One thread at a time.
 */
public final class RowSearch {
    private static final int FETCH_SIZE = 2_000;

    private final Database database;
    private final Table table;
    private final TypeCatalog types;

    public RowSearch(Database database, Table table) {
        this.database = database;
        this.table = table;
        this.types = new TypeCatalog(database);
    }

    /** Takes the rows that were found. */
    public interface Found {
        /**
         * Takes a row.
         *
         * @param change the place of the change among those that were searched for; never less than before
         */
        void row(int change, RowKey key);
    }

    /**
     * Finds the rows with the values of changes, all in one snapshot. If another session waits for a lock of this query, the query is
     * cancelled within a second, and fails with a passing fault.
     *
     * @param values those of each change, as Postgres printed them
     * @param wanted polled from another thread; false cancels the query in the same way
     * @throws ai.flameup.sync.fault.Fault 3 if the query fails; {@link ai.flameup.sync.source.PostgresFailures#isTransient} tells
     *     whether to try again. The message contains no value
     */
    public void find(WatchedTable watched, List<RowKey> values, Found found, BooleanSupplier wanted) {
        boolean yielded = false;
        List<ValueType> key =
                table.key().stream().map(column -> types.of(column.typeOid())).toList();
        try (Connection connection = database.connection()) {
            connection.setReadOnly(true);
            Database.limitLockWait(connection);
            watched.useOperators(connection, database.settings());
            Queries.execute(connection, "SET LOCAL client_connection_check_interval = '5s'");
            try (PreparedStatement statement = connection.prepareStatement(sql(watched))) {
                statement.setFetchSize(FETCH_SIZE);
                for (int i = 0; i < watched.match().size(); i++) {
                    int column = i;
                    Object[] texts =
                            values.stream().map(one -> one.values().get(column)).toArray();
                    statement.setArray(i + 1, connection.createArrayOf("text", texts));
                }
                YieldingQuery query = new YieldingQuery(database, connection.unwrap(PGConnection.class), wanted);
                try (query;
                        ResultSet rows = statement.executeQuery()) {
                    take(rows, key, found, query);
                } finally {
                    yielded = query.hasYielded();
                }
            }
        } catch (SQLException e) {
            throw database.fault(
                    "finding the rows of a changed row of " + watched.name(),
                    yielded
                            ? new SQLTransientException(
                                    "the query yielded to a session that waits for a lock, or to the end of the run",
                                    PSQLState.QUERY_CANCELED.getState())
                            : KeyFinder.withoutValues(e));
        }
    }

    private static void take(ResultSet rows, List<ValueType> types, Found found, YieldingQuery query)
            throws SQLException {
        while (rows.next()) {
            if (query.hasYielded()) {
                throw new SQLException("cancelled", PSQLState.QUERY_CANCELED.getState());
            }
            List<String> key = new ArrayList<>();
            for (int i = 0; i < types.size(); i++) {
                key.add(types.get(i).ofText(rows.getString(2 + i)));
            }
            found.row(rows.getInt(1) - 1, RowKey.of(key));
        }
    }

    private String sql(WatchedTable watched) {
        String keys = table.key().stream()
                .map(column -> "flameup_table." + Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
        String columns = IntStream.range(0, watched.match().size())
                .mapToObj(i -> "value_" + i)
                .collect(Collectors.joining(", "));
        String arrays = columns.replaceAll("value_\\d+", "?::text[]");
        return "SELECT flameup_changes.place, %s FROM unnest(%s) WITH ORDINALITY AS flameup_changes (%s, place) JOIN %s AS flameup_table ON %s ORDER BY 1"
                .formatted(
                        keys,
                        arrays,
                        columns,
                        database.settings().quotedTable(),
                        watched.condition("flameup_table", i -> "flameup_changes.value_" + i));
    }
}
