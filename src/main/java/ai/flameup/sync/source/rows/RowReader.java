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
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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

    private final Database database;
    private final Table table;
    private final List<Column> read;
    /** The places of the key's columns in {@link #read}. */
    private final int[] keyColumns;

    private final String columns;
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
        this.columns =
                read.stream().map(column -> Sql.identifier(column.name())).collect(Collectors.joining(", "));
    }

    /** Returns the columns to select for {@link #collect}. */
    String columns() {
        return columns;
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
                List<KeyedRow> rows = reading.read(connection);
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
            searchPath = Queries.text(
                    connection,
                    "SELECT concat('pg_catalog', string_agg(DISTINCT ', ' || quote_ident(n.nspname), ''))"
                            + " FROM pg_index i CROSS JOIN unnest(i.indclass::oid[]) AS k (opclass)"
                            + " JOIN pg_opclass c ON c.oid = k.opclass JOIN pg_amop m ON m.amopfamily = c.opcfamily"
                            + " AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype"
                            + " JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace"
                            + " WHERE i.indrelid = to_regclass(?) AND i.indisprimary AND n.nspname <> 'pg_catalog'",
                    database.settings().quotedTable());
        }
        Queries.execute(connection, "SET LOCAL search_path = " + searchPath);
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

    /** Returns the name, or a variant of it, that no column has. */
    String unused(String name) {
        return read.stream().anyMatch(column -> column.name().equals(name)) ? unused(name + '_') : name;
    }

    /** Returns an SQL expression for the size of a row as text, in bytes. */
    String bytes() {
        return RowSize.sql(read);
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
        int columnCount = read.size();
        List<List<String>> texts = new ArrayList<>(keys.size());
        for (RowKey key : keys) {
            texts.add(ofTable(key));
        }
        List<KeyedRow> rows = new ArrayList<>();
        int covered = keys.size();
        long bytes = 0;
        try (PreparedStatement statement = connection.prepareStatement(sqlByKey())) {
            for (int i = 0; i < table.key().size(); i++) {
                int column = i;
                Array values = connection.createArrayOf(
                        "text", texts.stream().map(key -> key.get(column)).toArray());
                statement.setArray(i + 1, values);
            }
            statement.setLong(table.key().size() + 1, maxBytes);
            TableShape known = known();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(row(result, known));
                    boolean isCut = rows.size() < result.getInt(columnCount + 2);
                    covered = isCut ? result.getInt(columnCount + 1) : keys.size();
                    bytes = result.getLong(columnCount + 3);
                }
            }
        }
        return new KeyPage(rows, covered, bytes);
    }

    /** The running total limits the bytes within one statement; the first row is always returned. */
    private String sqlByKey() {
        // Columns are unqualified, because the message for a missing column repeats the name as it is written here.
        String place = unused("flameup_place");
        String size = unused("flameup_size");
        String before = unused("flameup_before");
        String found = unused("flameup_found");
        int count = table.key().size();
        List<String> keys = IntStream.range(0, count)
                .mapToObj(i -> unused("flameup_key_" + i))
                .toList();
        String typed = numbered(count, i -> types.typed(table.key().get(i), keys.get(i)) + " AS " + keys.get(i), ", ");
        String arrays = numbered(count, i -> "?::text[]", ", ");
        String equal = numbered(
                count,
                i -> "flameup_table.%s = flameup_keys.%s"
                        .formatted(Sql.identifier(table.key().get(i).name()), keys.get(i)),
                " AND ");
        return ("SELECT %s, %s, %s, %s + %s FROM (SELECT *, sum(%s) OVER (ORDER BY %s ROWS UNBOUNDED PRECEDING) - %s AS %s,"
                        + " count(*) OVER () AS %s FROM (SELECT %s, (%s)::bigint AS %s, %s FROM (SELECT %s, %s"
                        + " FROM unnest(%s) WITH ORDINALITY AS flameup_texts (%s, %s)) flameup_keys"
                        + " JOIN %s flameup_table ON %s) flameup_found) flameup_sized WHERE %s < ? ORDER BY %s")
                .formatted(
                        columns,
                        place,
                        found,
                        before,
                        size,
                        size,
                        place,
                        size,
                        before,
                        found,
                        columns,
                        bytes(),
                        size,
                        place,
                        typed,
                        place,
                        arrays,
                        String.join(", ", keys),
                        place,
                        database.settings().quotedTable(),
                        equal,
                        before,
                        place);
    }

    private static String numbered(int count, IntFunction<String> text, String separator) {
        return IntStream.range(0, count).mapToObj(text).collect(Collectors.joining(separator));
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

    /** Adds the rows of a statement that selects {@link #columns}. */
    void collect(PreparedStatement statement, List<KeyedRow> into) throws SQLException {
        TableShape known = known();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                into.add(row(result, known));
            }
        }
    }

    private KeyedRow row(ResultSet result, TableShape known) throws SQLException {
        @Nullable String[] values = new String[read.size()];
        for (int i = 0; i < values.length; i++) {
            String printed = result.getString(i + 1);
            values[i] = printed == null ? null : known.types().get(i).ofText(printed);
        }
        List<String> keyValues = new ArrayList<>(table.key().size());
        for (int column : keyColumns) {
            keyValues.add(String.valueOf(values[column]));
        }
        return new KeyedRow(
                RowKey.of(keyValues),
                Row.of(kinds, Arrays.copyOf(values, table.columns().size())));
    }
}
