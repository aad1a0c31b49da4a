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
import java.sql.Statement;
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
 * Reads rows in one snapshot, in read-only transactions, and in no shape but the table's own at the time. The one reader
 * of rows: for the {@code Fence}, and for whoever only looks. One thread at a time.
 */
public final class RowReader {
    private static final Logger LOG = LoggerFactory.getLogger(RowReader.class);
    /** What one page comes to at most, as text, unless it is a single row. */
    static final long MOST_BYTES = 4 << 20;

    private final Database database;
    private final Table table;
    private final String columns;
    private final TypeCatalog types;
    private @Nullable TableShape shape;
    /** Where the operators are that the key is ordered by; null as long as it is not known. */
    private @Nullable String searchPath;

    private JsonKind[] kinds = {};

    public RowReader(Database database, Table table) {
        this.database = database;
        this.table = table;
        this.types = new TypeCatalog(database);
        this.columns = table.read().stream()
                .map(column -> Sql.identifier(column.name()))
                .collect(Collectors.joining(", "));
    }

    /** What to select for {@link #collect}. */
    String columns() {
        return columns;
    }

    public interface Reading {
        List<KeyedRow> read(Connection connection) throws SQLException;
    }

    /** Rows, and what the transaction saw that read them. */
    public record Read(Snapshot snapshot, List<KeyedRow> rows) {}

    /** Reads in one snapshot; again where the table was altered meanwhile. */
    public Read inOneSnapshot(Reading reading) throws SQLException {
        while (true) {
            TableShape before = shape == null ? look() : shape;
            shape = before;
            kinds = before.kinds();
            try (Connection connection = database.connection()) {
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                connection.setReadOnly(true);
                Snapshot snapshot = Snapshot.parse(Queries.text(connection, "SELECT pg_current_snapshot()"));
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
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL search_path = " + searchPath);
        }
    }

    private TableShape look() throws SQLException {
        try (Connection connection = database.connection()) {
            TableShape seen = TableShape.read(connection, database.settings().quotedTable(), table.read(), types);
            connection.rollback();
            if (!seen.key().equals(table.key().stream().map(Column::name).toList())) {
                throw anotherKey();
            }
            return seen;
        }
    }

    /** The types of the columns. */
    public TypeCatalog types() {
        return types;
    }

    /** A name that none of the columns has. */
    String unused(String name) {
        return table.read().stream().anyMatch(column -> column.name().equals(name)) ? unused(name + '_') : name;
    }

    /** An SQL expression: what a row comes to as text, in bytes. */
    String bytes() {
        return table.read().stream()
                .map(column -> "coalesce(octet_length(" + Sql.identifier(column.name()) + "::text), 0)")
                .collect(Collectors.joining(" + "));
    }

    /**
     * Rows of keys.
     *
     * @param rows those that there are
     * @param covered so many of the keys, from the first, were looked for; the others' rows would be too much for one page
     */
    public record KeyPage(List<KeyedRow> rows, int covered) {}

    /** The rows of the first of the keys, bounded in bytes. */
    public KeyPage pageByKey(Connection connection, List<RowKey> keys) throws SQLException {
        int columnCount = table.read().size();
        List<List<String>> texts = new ArrayList<>(keys.size());
        for (RowKey key : keys) {
            texts.add(ofTable(key));
        }
        List<KeyedRow> rows = new ArrayList<>();
        int covered = keys.size();
        try (PreparedStatement statement = connection.prepareStatement(sqlByKey())) {
            for (int i = 0; i < table.key().size(); i++) {
                int column = i;
                Array values = connection.createArrayOf(
                        "text", texts.stream().map(key -> key.get(column)).toArray());
                statement.setArray(i + 1, values);
            }
            statement.setLong(table.key().size() + 1, MOST_BYTES);
            TableShape known = known();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(row(result, known));
                    boolean isCut = rows.size() < result.getInt(columnCount + 2);
                    covered = isCut ? result.getInt(columnCount + 1) : keys.size();
                }
            }
        }
        return new KeyPage(rows, covered);
    }

    /** The running total bounds the bytes within one statement; the first row always comes. */
    private String sqlByKey() {
        // The columns of the table go unqualified, because Postgres names one that is missing as it is written here.
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
        return ("SELECT %s, %s, %s FROM (SELECT *, sum(%s) OVER (ORDER BY %s ROWS UNBOUNDED PRECEDING) - %s AS %s,"
                        + " count(*) OVER () AS %s FROM (SELECT %s, (%s)::bigint AS %s, %s FROM (SELECT %s, %s"
                        + " FROM unnest(%s) WITH ORDINALITY AS flameup_texts (%s, %s)) flameup_keys"
                        + " JOIN %s flameup_table ON %s) flameup_found) flameup_sized WHERE %s < ? ORDER BY %s")
                .formatted(
                        columns,
                        place,
                        found,
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
     * The values of a key.
     *
     * @throws SQLException that passes if it is a key of other columns: the run is about to look at the table again, and
     *     converts it
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
            throw new IllegalStateException("rows are only collected while they are read");
        }
        return known;
    }

    /** What the statement finds, which selects {@link #columns}. */
    void collect(PreparedStatement statement, List<KeyedRow> into) throws SQLException {
        TableShape known = known();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                into.add(row(result, known));
            }
        }
    }

    private KeyedRow row(ResultSet result, TableShape known) throws SQLException {
        List<Column> read = table.read();
        @Nullable String[] values = new String[read.size()];
        for (int i = 0; i < values.length; i++) {
            String printed = result.getString(i + 1);
            values[i] = printed == null ? null : known.types().get(i).ofText(printed);
        }
        List<String> keyValues = new ArrayList<>(table.key().size());
        for (Column column : table.key()) {
            keyValues.add(String.valueOf(values[read.indexOf(column)]));
        }
        return new KeyedRow(
                RowKey.of(keyValues),
                Row.of(kinds, Arrays.copyOf(values, table.columns().size())));
    }
}
