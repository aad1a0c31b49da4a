package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Whether a table can be followed: what is wrong with it, each with its remedy; nothing where it can. Stateless. */
public final class TableFitness {
    private TableFitness() {}

    /**
     * Publishing a table without a usable identity would make every UPDATE and DELETE of the application fail. With
     * partitions, each has an identity of its own.
     */
    public static List<String> replicaIdentity(Connection connection, PostgresSettings settings, List<Column> key)
            throws SQLException {
        if (key.isEmpty()) {
            return List.of(noKey(connection, settings));
        }
        List<String> problems = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT n.nspname, c.relname, c.relreplident FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE (c.oid = to_regclass(?)"
                        + " OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(?)) WHERE isleaf))"
                        + " AND c.relreplident <> 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid"
                        + " AND i.indimmediate AND CASE c.relreplident WHEN 'd' THEN i.indisprimary"
                        + " WHEN 'i' THEN i.indisreplident ELSE false END)",
                row -> problems.add(identityProblem(row.getString(1), row.getString(2), row.getString(3))),
                settings.quotedTable(),
                settings.quotedTable());
        return problems;
    }

    static String noKey(Connection connection, PostgresSettings settings) throws SQLException {
        return ("Postgres: table %s has no primary key, and so no replica identity that tells its rows apart, without which a"
                        + " published table's updates fail; %s")
                .formatted(
                        settings.tableName(),
                        Partitioning.of(connection, settings).primaryKey(settings));
    }

    private static String identityProblem(String schema, String table, String identity) {
        String why = identity.equals("n")
                ? "has the replica identity NOTHING"
                : identity.equals("i")
                        ? "has lost the index of its replica identity"
                        : "has a primary key that is deferrable, which is no replica identity";
        return "Postgres: table %s.%s %s: published, its updates would fail; ALTER TABLE %s.%s REPLICA IDENTITY %s"
                .formatted(
                        schema,
                        table,
                        why,
                        Sql.identifier(schema),
                        Sql.identifier(table),
                        identity.equals("d") ? "FULL" : "DEFAULT");
    }

    /** A logged table may have unlogged partitions, of which the stream shows nothing. */
    static List<String> unlogged(Connection connection, PostgresSettings settings) throws SQLException {
        List<String> problems = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE (c.oid = to_regclass(?)"
                        + " OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass(?)) WHERE isleaf))"
                        + " AND c.relpersistence = 'u' ORDER BY 1, 2",
                row -> problems.add(
                        "Postgres: table %s.%s is unlogged, and its changes are in no stream; ALTER TABLE %s.%s SET LOGGED"
                                .formatted(
                                        row.getString(1),
                                        row.getString(2),
                                        Sql.identifier(row.getString(1)),
                                        Sql.identifier(row.getString(2)))),
                settings.quotedTable(),
                settings.quotedTable());
        return problems;
    }

    /** Rows of children are read with the table's own, but the stream has their changes under the children's names. */
    static List<String> children(Connection connection, PostgresSettings settings) throws SQLException {
        List<String> children = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                        + " WHERE i.inhparent = to_regclass(?) AND NOT c.relispartition ORDER BY 1",
                row -> children.add(row.getString(1)),
                settings.quotedTable());
        return children.isEmpty()
                ? List.of()
                : List.of(("Postgres: table %s has children (%s) that inherit from it, whose changes would be missed;"
                                + " make them its partitions, or name a table without children in postgres.table")
                        .formatted(settings.tableName(), String.join(", ", children)));
    }

    /** Debezium reads every type that there is as it starts, and fails on these. */
    static List<String> unreadableTypes(Connection connection) throws SQLException {
        List<String> types = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT format_type(oid, NULL) FROM pg_type t WHERE typcategory = 'E'"
                        + " AND NOT EXISTS (SELECT FROM pg_enum e WHERE e.enumtypid = t.oid) ORDER BY 1",
                row -> types.add(row.getString(1)));
        return types.isEmpty()
                ? List.of()
                : List.of(
                        ("Postgres: with a domain over an enum, or an enum without a label, in the database the stream cannot"
                                        + " be read, whether a table has it or not (%s); make its columns of the enum itself and drop"
                                        + " the domain, or give the enum a label")
                                .formatted(String.join(", ", types)));
    }

    /** Rows whose keys are not in the stream, or not as they are read, cannot be told apart there. */
    static List<String> notCarried(Database database, Connection connection, List<Column> key) throws SQLException {
        Set<String> generated = Catalog.generated(connection, database.settings());
        TypeCatalog types = new TypeCatalog(database);
        List<String> problems = new ArrayList<>();
        for (Column column : key) {
            boolean computed = generated.contains(column.name());
            if (computed || !types.of(connection, column.typeOid()).isKey()) {
                problems.add(
                        "Postgres: the stream does not carry column %s of the primary key (%s), and so does not tell rows apart; give table %s a primary key without it"
                                .formatted(
                                        column.name(),
                                        computed ? "generated" : column.type(),
                                        database.settings().tableName()));
            }
        }
        return problems;
    }

    static List<String> quoted(PostgresSettings settings, List<Column> key) {
        return key.stream()
                .map(Column::name)
                .filter(TableFitness::isInQuotes)
                .map(name ->
                        "Postgres: column %s of the primary key has quotes in its name that the stream does not carry; ALTER TABLE %s RENAME COLUMN %s TO ..."
                                .formatted(name, settings.quotedTable(), Sql.identifier(name)))
                .toList();
    }

    /** Debezium takes quotes around a column's name for none of the name's. */
    private static boolean isInQuotes(String column) {
        char first = column.charAt(0);
        return column.length() > 1 && "\"'`".indexOf(first) >= 0 && column.charAt(column.length() - 1) == first;
    }

    /** Debezium knows columns by their names in lower case, and refuses a table where that does not tell them apart. */
    static List<String> alike(PostgresSettings settings, Set<String> columns) {
        Map<String, String> seen = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (String column : columns) {
            String plain = isInQuotes(column) ? column.substring(1, column.length() - 1) : column;
            String other = seen.put(plain.toLowerCase(Locale.ROOT), column);
            if (other != null) {
                problems.add(
                        ("Postgres: columns %s and %s of table %s differ by case or quotes alone, so the stream cannot tell them"
                                        + " apart; ALTER TABLE %s RENAME COLUMN %s TO ...")
                                .formatted(
                                        other,
                                        column,
                                        settings.tableName(),
                                        settings.quotedTable(),
                                        Sql.identifier(column)));
            }
        }
        return problems;
    }
}
