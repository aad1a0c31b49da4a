package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.type.TypeCatalog;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Finds what keeps the stream from following a table, each problem with its remedy. Stateless. */
public final class TableFitness {
    private TableFitness() {}

    /**
     * Returns the problems of the replica identity. Publishing a table without a usable identity would make every UPDATE and
     * DELETE of the application fail. Each partition has an identity of its own.
     */
    public static List<String> replicaIdentity(Connection connection, PostgresSettings settings, List<Column> key)
            throws SQLException {
        if (key.isEmpty()) {
            return List.of(noKey(connection, settings));
        }
        return replicaIdentity(connection, Relation.of(settings.name()));
    }

    /** As the other method, for a table that need not have a primary key. */
    static List<String> replicaIdentity(Connection connection, Relation table) throws SQLException {
        List<String> problems = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT n.nspname, c.relname, c.relreplident,"
                        + " EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE " + table.andPartitions()
                        + " AND c.relreplident <> 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid"
                        + " AND i.indimmediate AND CASE c.relreplident WHEN 'd' THEN i.indisprimary"
                        + " WHEN 'i' THEN i.indisreplident ELSE false END)",
                row -> problems.add(identityProblem(
                        new TableName(row.getString(1), row.getString(2)), row.getString(3), row.getBoolean(4))),
                table.parameter(),
                table.parameter());
        return problems;
    }

    static String noKey(Connection connection, PostgresSettings settings) throws SQLException {
        return ("Postgres: table %s has no primary key, so it has no replica identity, and updates of a published table without one"
                        + " fail; %s")
                .formatted(
                        settings.tableName(),
                        Partitioning.of(connection, Relation.of(settings.name()))
                                .primaryKey(settings));
    }

    private static String identityProblem(TableName table, String identity, boolean hasKey) {
        String why = identity.equals("n")
                ? "has the replica identity NOTHING"
                : identity.equals("i")
                        ? "has lost the index of its replica identity"
                        : hasKey
                                ? "has a deferrable primary key, which cannot be the replica identity"
                                : "has no primary key, so it has no replica identity";
        return "Postgres: table %s.%s %s, so its updates fail once it is published; ALTER TABLE %s REPLICA IDENTITY %s"
                .formatted(
                        table.schema(),
                        table.name(),
                        why,
                        table.quoted(),
                        identity.equals("d") || !hasKey ? "FULL" : "DEFAULT");
    }

    /** The stream omits changes of unlogged tables. A logged table may have unlogged partitions. */
    static List<String> unlogged(Connection connection, Relation table) throws SQLException {
        List<String> problems = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE " + table.andPartitions()
                        + " AND c.relpersistence = 'u' ORDER BY 1, 2",
                row -> problems.add(
                        "Postgres: table %s.%s is unlogged, so the stream omits its changes; ALTER TABLE %s.%s SET LOGGED"
                                .formatted(
                                        row.getString(1),
                                        row.getString(2),
                                        Sql.identifier(row.getString(1)),
                                        Sql.identifier(row.getString(2)))),
                table.parameter(),
                table.parameter());
        return problems;
    }

    /** SELECT returns the rows of child tables too, but the stream carries their changes under the children's names. */
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
                : List.of(("Postgres: tables inherit from table %s (%s), and their changes would be missed;"
                                + " make them partitions, or name a table without child tables in postgres.table")
                        .formatted(settings.tableName(), String.join(", ", children)));
    }

    /** Debezium reads every type of the database when it starts, and fails on these. */
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
                        ("Postgres: the stream cannot be read while the database has a domain over an enum, or an enum without"
                                        + " labels, used or not (%s); change columns of the domain to the enum and drop the domain, or add"
                                        + " a label to the enum")
                                .formatted(String.join(", ", types)));
    }

    /** Checks that the stream carries the key in the text form of a query: rows are identified by it. */
    static List<String> notCarried(Database database, Connection connection, List<Column> key) throws SQLException {
        Set<String> generated = Catalog.generated(connection, database.settings());
        TypeCatalog types = new TypeCatalog(database);
        List<String> problems = new ArrayList<>();
        for (Column column : key) {
            boolean computed = generated.contains(column.name());
            if (computed || !types.of(connection, column.typeOid()).isKey()) {
                problems.add(
                        "Postgres: the stream does not carry column %s of the primary key (%s), so rows cannot be distinguished; give table %s a primary key without it"
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
                        "Postgres: the stream drops the quotes in the name of column %s of the primary key; ALTER TABLE %s RENAME COLUMN %s TO ..."
                                .formatted(name, settings.quotedTable(), Sql.identifier(name)))
                .toList();
    }

    /** Debezium removes quotes around a column's name. */
    static boolean isInQuotes(String column) {
        char first = column.charAt(0);
        return column.length() > 1 && "\"'`".indexOf(first) >= 0 && column.charAt(column.length() - 1) == first;
    }

    /** Debezium identifies columns by their lower-case names, and rejects a table in which two are the same. */
    static List<String> alike(TableName table, Set<String> columns) {
        Map<String, String> seen = new HashMap<>();
        List<String> problems = new ArrayList<>();
        for (String column : columns) {
            String plain = isInQuotes(column) ? column.substring(1, column.length() - 1) : column;
            String other = seen.put(plain.toLowerCase(Locale.ROOT), column);
            if (other != null) {
                problems.add(
                        ("Postgres: columns %s and %s of table %s differ only in case or quotes, so the stream cannot tell them"
                                        + " apart; ALTER TABLE %s RENAME COLUMN %s TO ...")
                                .formatted(other, column, table, table.quoted(), Sql.identifier(column)));
            }
        }
        return problems;
    }
}
