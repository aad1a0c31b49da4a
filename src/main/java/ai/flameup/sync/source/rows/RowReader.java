package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.JsonKind;
import ai.flameup.sync.change.Row;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TypeInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows in one snapshot, in read-only transactions. Reads again if the table was altered meanwhile. Everything that
 * reads rows of the table uses this class. One thread at a time.
 */
public final class RowReader {
    private static final Logger LOG = LoggerFactory.getLogger(RowReader.class);
    /** The maximum size of a page as text, in bytes. A single row may be larger. */
    public static final long MAX_BYTES = 2 << 20;

    private static final long MAX_LOCK_MILLIS = 2_000;
    private static final String DATATYPE_MISMATCH = "42804";

    private final Database database;
    private final Table table;
    private final List<Column> read;
    /** The places of the key's columns in {@link #read}. */
    private final int[] keyColumns;

    private final ReadColumns columns;
    private final KeyQuery byKey;
    private final ExpressionGuard guard;
    private final TypeCatalog types;
    private @Nullable TableShape shape;
    /** The schemas of the operators that order the key; null until they are known. */
    private @Nullable String searchPath;

    private JsonKind[] kinds = {};

    public RowReader(Database database, Table table) {
        this.database = database;
        this.table = table;
        this.types = new TypeCatalog(database);
        this.read = table.read();
        this.keyColumns = table.key().stream().mapToInt(read::indexOf).toArray();
        this.columns = new ReadColumns(read);
        this.byKey = new KeyQuery(database.settings(), table, columns, types);
        this.guard = new ExpressionGuard(columns.expressions());
    }

    /** Returns the columns to select for {@link #collect}. */
    ReadColumns columns() {
        return columns;
    }

    /** Returns what runs queries of {@link #columns}. */
    ExpressionGuard guard() {
        return guard;
    }

    /** Reads rows in the given transaction. */
    public interface Reading {
        List<KeyedRow> read(Connection connection) throws SQLException;
    }

    /** Rows with the snapshot of the transaction that read them. */
    public record Read(Snapshot snapshot, List<KeyedRow> rows) {}

    /** Reads rows in one snapshot, and reads again if the table was altered meanwhile. */
    public Read inOneSnapshot(Reading reading) throws SQLException {
        while (true) {
            TableShape before = shape == null ? readShape() : shape;
            shape = before;
            kinds = before.kinds();
            try (Connection connection = database.connection()) {
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connection.setReadOnly(true);
                Snapshot snapshot = Snapshot.parse(Queries.text(connection, "SELECT pg_current_snapshot()"));
                Database.limitLockWait(connection);
                useOperatorsOfKey(connection);
                if (columns.hasExpressions()) {
                    limitExpressions(connection);
                }
                List<KeyedRow> rows = guard.yielding(database, connection, () -> reading.read(connection));
                // After reading, this transaction holds a lock, so the table cannot be altered until the commit.
                shape = readShape();
                connection.commit();
                if (before.equals(shape)) {
                    return new Read(snapshot, rows);
                }
                LOG.debug("The table was altered while it was read. Reading again");
            }
        }
    }

    /**
     * ORDER BY uses the operators of the key's index, but {@code <=}, {@code >} and {@code IN} use those on the search path. For
     * citext in another schema, these would be the operators of text, whose order differs, so rows would be missed. For
     * ltree there would be none.
     */
    private void useOperatorsOfKey(Connection connection) throws SQLException {
        if (searchPath == null) {
            // Expressions name tables of the table's schema without it.
            String schema = columns.hasExpressions()
                    ? ", " + Sql.identifier(database.settings().schema())
                    : "";
            searchPath = "pg_catalog" + schema
                    + Queries.text(
                            connection,
                            "SELECT coalesce(string_agg(DISTINCT ', ' || quote_ident(n.nspname), ''), '')"
                                    + " FROM pg_index i CROSS JOIN unnest(i.indclass::oid[]) AS k (opclass)"
                                    + " JOIN pg_opclass c ON c.oid = k.opclass JOIN pg_amop m ON m.amopfamily = c.opcfamily"
                                    + " AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype"
                                    + " JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace"
                                    + " WHERE i.indrelid = to_regclass(?) AND i.indisprimary AND n.nspname <> 'pg_catalog'",
                            database.settings().quotedTable());
        }
        Queries.execute(connection, "SET LOCAL search_path = " + searchPath);
    }

    /** Another session may lock a table that an expression reads: the wait must not count as the time of a row. */
    private void limitExpressions(Connection connection) throws SQLException {
        long millis = table.timeout().toMillis();
        Queries.execute(connection, "SET LOCAL statement_timeout = " + millis);
        Queries.execute(connection, "SET LOCAL lock_timeout = " + Math.max(1, Math.min(MAX_LOCK_MILLIS, millis / 2)));
    }

    /** The types are those of the start; another table that an expression reads may have been altered since. */
    private void requireTypes(ResultSet result) throws SQLException {
        if (!columns.hasExpressions()) {
            return;
        }
        TypeInfo types = result.getStatement()
                .getConnection()
                .unwrap(BaseConnection.class)
                .getTypeInfo();
        for (int i = 0; i < read.size(); i++) {
            Column column = read.get(i);
            if (column.isExpression()
                    && !result.getMetaData().getColumnTypeName(i + 1).equals(types.getPGType(column.typeOid()))) {
                throw new SQLException("the type of %s has changed".formatted(column.name()), DATATYPE_MISMATCH);
            }
        }
    }

    private TableShape readShape() throws SQLException {
        try (Connection connection = database.connection()) {
            TableShape present = TableShape.read(connection, database.settings().quotedTable(), read, types);
            connection.rollback();
            if (!present.key().equals(table.key().stream().map(Column::name).toList())) {
                throw anotherKey();
            }
            return present;
        }
    }

    /** Returns the types of the columns. */
    public TypeCatalog types() {
        return types;
    }

    /**
     * A page of rows that were read by their keys.
     *
     * @param rows the rows that exist
     * @param covered how many of the keys, from the first, the page covers
     * @param bytes the size of the rows as text
     */
    public record KeyPage(List<KeyedRow> rows, int covered, long bytes) {}

    /** Reads the rows of the first keys, of one page at most; at least of one key. */
    public KeyPage pageByKey(Connection connection, List<RowKey> keys) throws SQLException {
        return pageByKey(connection, keys, MAX_BYTES);
    }

    /**
     * Reads the rows of the first keys; at least of one key.
     *
     * @param maxBytes the maximum size of the page as text, positive. A single row may be larger
     */
    public KeyPage pageByKey(Connection connection, List<RowKey> keys, long maxBytes) throws SQLException {
        return guard.run(
                connection,
                keys.size(),
                (rows, computed) -> pageByKey(connection, keys.subList(0, rows), maxBytes, computed));
    }

    private KeyPage pageByKey(Connection connection, List<RowKey> keys, long maxBytes, ReadColumns.Computed computed)
            throws SQLException {
        int columnCount = read.size();
        List<List<String>> texts = new ArrayList<>(keys.size());
        for (RowKey key : keys) {
            texts.add(ofTable(key));
        }
        List<KeyedRow> rows = new ArrayList<>();
        int covered = keys.size();
        long bytes = 0;
        try (PreparedStatement statement = connection.prepareStatement(byKey.sql(computed))) {
            for (int i = 0; i < table.key().size(); i++) {
                int column = i;
                Array values = connection.createArrayOf(
                        "text", texts.stream().map(key -> key.get(column)).toArray());
                statement.setArray(i + 1, values);
            }
            statement.setLong(table.key().size() + 1, maxBytes);
            TableShape known = known();
            try (ResultSet result = statement.executeQuery()) {
                requireTypes(result);
                while (result.next()) {
                    rows.add(row(result, known, computed));
                    boolean isCut = rows.size() < result.getInt(columnCount + 2);
                    covered = isCut ? result.getInt(columnCount + 1) : keys.size();
                    bytes = result.getLong(columnCount + 3);
                }
            }
        }
        return new KeyPage(rows, covered, bytes);
    }

    /**
     * Returns the values of a key.
     *
     * @throws SQLException a transient one if the key has another number of columns: the run will read the table's definition
     *     again and convert the key
     */
    List<String> ofTable(RowKey key) throws SQLException {
        List<String> values = key.values();
        if (values.size() != table.key().size()) {
            throw anotherKey();
        }
        return values;
    }

    private static SQLException anotherKey() {
        return new SQLTransientException("the primary key of the table was changed");
    }

    private TableShape known() {
        TableShape known = shape;
        if (known == null) {
            throw new IllegalStateException("collect must be called within inOneSnapshot");
        }
        return known;
    }

    /** Returns the rows of a statement that selects {@link #columns}. */
    List<KeyedRow> collect(PreparedStatement statement, ReadColumns.Computed computed) throws SQLException {
        TableShape known = known();
        List<KeyedRow> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            requireTypes(result);
            while (result.next()) {
                rows.add(row(result, known, computed));
            }
        }
        return rows;
    }

    private KeyedRow row(ResultSet result, TableShape known, ReadColumns.Computed computed) throws SQLException {
        @Nullable String[] values = new String[read.size()];
        for (int i = 0; i < values.length; i++) {
            String printed = result.getString(i + 1);
            values[i] = printed == null ? null : known.types().get(i).ofText(printed);
        }
        List<String> keyValues = new ArrayList<>(table.key().size());
        for (int column : keyColumns) {
            keyValues.add(String.valueOf(values[column]));
        }
        Row row = Row.of(kinds, Arrays.copyOf(values, table.columns().size()));
        String failure = computed.failure();
        return new KeyedRow(RowKey.of(keyValues), failure == null ? row : row.failed(failure));
    }
}
