package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The server, the table's columns and its primary key, as the catalog describes them. Immutable.
 *
 * @param columns every column of the table, by name, in the table's order
 * @param key the columns of the primary key, in its order; empty for none
 * @param keyIds identifies each column of the key in the catalog; a rename does not change it
 */
public record Catalog(Server server, Map<String, Column> columns, List<Column> key, List<String> keyIds) {
    /**
     * The server and the database.
     *
     * @param timeline increases with each promotion
     */
    public record Server(String systemIdentifier, int timeline, String database) {}

    public String systemIdentifier() {
        return server.systemIdentifier;
    }

    public int timeline() {
        return server.timeline;
    }

    public String database() {
        return server.database;
    }

    /**
     * Reads the catalog, whether or not the table can be followed.
     *
     * @throws Fault 3 if a query fails, as it does on a standby
     */
    public static Catalog read(Database database) {
        return database.read("querying the server", connection -> {
            Map<String, Column> columns = columns(connection, database.settings());
            Map<String, String> key = keyIds(connection, database.settings());
            Server server = new Server(
                    Queries.text(connection, "SELECT system_identifier FROM pg_control_system()"),
                    Integer.parseInt(
                            Queries.text(connection, "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"), 16),
                    Queries.text(connection, "SELECT current_database()"));
            return new Catalog(
                    server, columns, key.keySet().stream().map(columns::get).toList(), List.copyOf(key.values()));
        });
    }

    /** Returns the columns that are read, given the names of the mapped ones. */
    public Table table(List<String> mapped) {
        return Table.of(columns, key, mapped);
    }

    /** Returns every column of the table by name, in the table's order; empty if there is no such table. */
    public static Map<String, Column> columns(Connection connection, PostgresSettings settings) throws SQLException {
        return columns(connection, settings.name());
    }

    static Map<String, Column> columns(Connection connection, TableName table) throws SQLException {
        Map<String, Column> columns = new LinkedHashMap<>();
        Queries.query(
                connection,
                "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid FROM pg_attribute a"
                        + " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p') AND a.attnum > 0"
                        + " AND NOT a.attisdropped ORDER BY a.attnum",
                row -> columns.put(row.getString(1), new Column(row.getString(1), row.getString(2), row.getInt(3))),
                table.schema(),
                table.name());
        return columns;
    }

    /** Returns the columns of the primary key, in its order; empty for none. */
    public static List<Column> key(Connection connection, PostgresSettings settings, Map<String, Column> columns)
            throws SQLException {
        return keyIds(connection, settings).keySet().stream().map(columns::get).toList();
    }

    /** Returns the ids of the key's columns by name, in the key's order. */
    private static Map<String, String> keyIds(Connection connection, PostgresSettings settings) throws SQLException {
        Map<String, String> ids = new LinkedHashMap<>();
        Queries.query(
                connection,
                "SELECT a.attname, c.oid || '.' || a.attnum FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace,"
                        + " unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)"
                        + " JOIN pg_attribute a ON true WHERE a.attrelid = c.oid AND a.attnum = k.attnum AND k.place <= i.indnkeyatts"
                        + " AND i.indisprimary AND n.nspname = ? AND c.relname = ? ORDER BY k.place",
                row -> ids.put(row.getString(1), row.getString(2)),
                settings.schema(),
                settings.table());
        return ids;
    }

    /**
     * Returns the mapped columns that a change does not carry, so that rows are read again after each change: generated columns,
     * and columns of types that the stream prints differently.
     */
    public List<String> notStreamed(Database database, List<String> mapped) {
        return database.read("reading the columns' types", connection -> {
            Set<String> generated = generated(connection, database.settings());
            TypeCatalog types = new TypeCatalog(database);
            List<String> names = new ArrayList<>();
            for (Column column : table(mapped).columns()) {
                if (generated.contains(column.name())
                        || !types.of(connection, column.typeOid()).isStreamed()) {
                    names.add(column.name());
                }
            }
            return names;
        });
    }

    static Set<String> generated(Connection connection, PostgresSettings settings) throws SQLException {
        Set<String> generated = new HashSet<>();
        Queries.query(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attgenerated <> ''",
                row -> generated.add(row.getString(1)),
                settings.quotedTable());
        return generated;
    }

    /** Whether a unique index on this column alone, without a condition, guarantees distinct values. */
    public static boolean isUnique(Database database, String column) {
        return database.read("reading the table's indexes", connection -> !Queries.text(
                        connection,
                        "SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
                                + " AND a.attnum = i.indkey[0] WHERE i.indrelid = ?::regclass AND a.attname = ?"
                                + " AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL",
                        database.settings().quotedTable(),
                        column)
                .isEmpty());
    }
}
