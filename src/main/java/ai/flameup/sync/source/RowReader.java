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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows in one snapshot, in read-only transactions, and in no shape but the table's own at the time. The one reader
 * of rows: for the {@link Fence}, and for whoever only looks. One thread at a time.
 */
final class RowReader {
    private static final Logger LOG = LoggerFactory.getLogger(RowReader.class);

    private final Database database;
    private final Table table;
    private final String columns;
    private final Types types;
    private @Nullable Shape shape;
    /** Where the operators are that the key is ordered by; null as long as it is not known. */
    private @Nullable String searchPath;

    private JsonKind[] kinds = {};

    RowReader(Database database, Table table) {
        this.database = database;
        this.table = table;
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

    /** Rows, and what the transaction saw that read them. */
    record Read(Snapshot snapshot, List<KeyedRow> rows) {}

    /** Reads in one snapshot; again where the table was altered meanwhile. */
    Read inOneSnapshot(Reading reading) throws SQLException {
        while (true) {
            Shape before = shape == null ? look() : shape;
            shape = before;
            kinds = before.kinds();
            try (Connection connection = database.connection()) {
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connection.setReadOnly(true);
                Snapshot snapshot = Snapshot.parse(Catalog.text(connection, "SELECT pg_current_snapshot()"));
                Database.limitLockWait(connection);
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
