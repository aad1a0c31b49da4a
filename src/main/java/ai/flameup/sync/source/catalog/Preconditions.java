package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Checks what runs and other commands need from the server, the role and the table. Reads only. Stateless. */
public final class Preconditions {
    /** Whether a role, whose name is to be filled in, may replicate. Managed servers have roles that grant this right. */
    public static final String MAY_REPLICATE =
            "SELECT m.rolreplication OR m.rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN"
                    + " ('rds_replication', 'azure_pg_admin') AND pg_has_role(m.oid, r.oid, 'usage'))"
                    + " FROM pg_roles m WHERE m.rolname = %s";

    private static final int MIN_VERSION = 14;

    /** The subject of a problem. */
    public enum Part {
        SERVER,
        WAL_LEVEL,
        ROLE,
        TABLE,
        GRANTS,
        PRIMARY_KEY,
        REPLICA_IDENTITY,
        COLUMNS
    }

    private Preconditions() {}

    /**
     * Requires everything that a run needs.
     *
     * @param mapped returns the mapped columns, given the columns of the table; throws if one is missing
     * @return the server and the table as the catalog describes them
     * @throws Fault 3 with all problems that were found
     */
    public static Catalog checkedCatalog(Database database, Function<Set<String>, List<String>> mapped) {
        requireNone(problems(database, mapped));
        return Catalog.read(database);
    }

    /**
     * Returns what keeps a run from working, part by part.
     *
     * @return the problems of each part, which may be none; a part that could not be checked is missing
     * @throws Fault 3 if a query fails
     */
    public static Map<Part, List<String>> problems(Database database, Function<Set<String>, List<String>> mapped) {
        return database.read("querying the server", connection -> problems(database, connection, mapped));
    }

    private static Map<Part, List<String>> problems(
            Database database, Connection connection, Function<Set<String>, List<String>> mapped) throws SQLException {
        Map<Part, List<String>> problems = new EnumMap<>(Part.class);
        problems.put(Part.SERVER, server(connection));
        if (isTooOld(connection)) {
            return problems;
        }
        problems.put(Part.WAL_LEVEL, walLevel(connection));
        problems.put(Part.ROLE, role(connection, database.settings()));
        addTable(problems, database, connection, mapped);
        return problems;
    }

    /**
     * Requires everything that a run needs except the role and its rights, because setup creates those.
     *
     * @return the columns that are to be read
     * @throws Fault 3 with all problems that were found
     */
    public static Table followable(Database database, Connection connection, Function<Set<String>, List<String>> mapped)
            throws SQLException {
        Map<Part, List<String>> problems = problems(database, connection, mapped);
        problems.remove(Part.ROLE);
        problems.remove(Part.GRANTS);
        requireNone(problems);
        Map<String, Column> columns = Catalog.columns(connection, database.settings());
        return Table.of(columns, Catalog.key(connection, database.settings(), columns), mapped.apply(columns.keySet()));
    }

    /** Like {@link #followable(Database, Connection, Function)}, with a connection of its own. */
    public static Table followable(Database database, Function<Set<String>, List<String>> mapped) {
        return database.read("querying the server", connection -> followable(database, connection, mapped));
    }

    /** Whether the role of the database's sessions is a superuser, which may do far more than a run needs. */
    public static boolean isSuperuser(Database database) {
        return database.read("reading the role", connection -> Queries.text(
                        connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                .equals("t"));
    }

    private static void requireNone(Map<Part, List<String>> problems) {
        List<String> all =
                problems.values().stream().flatMap(List::stream).distinct().toList();
        if (!all.isEmpty()) {
            throw new Fault(ExitCode.POSTGRES, all, null);
        }
    }

    private static void addTable(
            Map<Part, List<String>> problems,
            Database database,
            Connection connection,
            Function<Set<String>, List<String>> mapped)
            throws SQLException {
        PostgresSettings settings = database.settings();
        Map<String, Column> columns = Catalog.columns(connection, settings);
        if (columns.isEmpty()) {
            problems.put(Part.TABLE, List.of(noTable(settings)));
            return;
        }
        List<String> schema = schema(connection, settings);
        if (!schema.isEmpty()) {
            problems.put(Part.GRANTS, schema);
            return;
        }
        List<Column> key = Catalog.key(connection, settings, columns);
        problems.put(
                Part.TABLE,
                joined(
                        TableFitness.unlogged(connection, Relation.of(settings.name())),
                        TableFitness.children(connection, settings),
                        TableFitness.unreadableTypes(connection)));
        problems.put(
                Part.PRIMARY_KEY,
                key.isEmpty()
                        ? List.of(TableFitness.noKey(connection, settings))
                        : joined(
                                TableFitness.notCarried(database, connection, key),
                                TableFitness.quoted(settings, key)));
        if (!key.isEmpty()) {
            problems.put(Part.REPLICA_IDENTITY, TableFitness.replicaIdentity(connection, settings, key));
        }
        List<String> alike = TableFitness.alike(settings.name(), columns.keySet());
        try {
            List<String> names = mapped.apply(columns.keySet());
            problems.put(Part.COLUMNS, alike);
            problems.put(Part.GRANTS, unreadable(connection, settings, Table.of(columns, key, names)));
        } catch (Fault missing) {
            problems.put(Part.COLUMNS, joined(alike, missing.problems()));
        }
    }

    @SafeVarargs
    private static List<String> joined(List<String>... lists) {
        List<String> all = new ArrayList<>();
        for (List<String> list : lists) {
            all.addAll(list);
        }
        return all;
    }

    private static List<String> server(Connection connection) throws SQLException {
        if (isTooOld(connection)) {
            return List.of(tooOld(connection));
        }
        return Queries.isTrue(connection, "SELECT pg_is_in_recovery()") ? List.of(ServerIdentity.STANDBY) : List.of();
    }

    private static List<String> walLevel(Connection connection) throws SQLException {
        String level = Queries.text(connection, "SELECT current_setting('wal_level')");
        return level.equals("logical")
                ? List.of()
                : List.of(("Postgres: wal_level is %s and must be logical, which takes a restart of the server;"
                                + " ALTER SYSTEM SET wal_level = 'logical'")
                        .formatted(level));
    }

    private static List<String> role(Connection connection, PostgresSettings settings) throws SQLException {
        List<String> problems = new ArrayList<>(ConnectionLimits.problems(connection));
        if (!mayReplicate(connection, Queries.text(connection, "SELECT current_user"))) {
            problems.add("Postgres: role %s may not replicate; ALTER ROLE %s REPLICATION"
                    .formatted(settings.username(), Sql.identifier(settings.username())));
        }
        return problems;
    }

    /** Whether a role may replicate. */
    public static boolean mayReplicate(Connection connection, String role) throws SQLException {
        return Queries.isTrue(connection, MAY_REPLICATE.formatted("?"), role);
    }

    private static List<String> schema(Connection connection, PostgresSettings settings) throws SQLException {
        return Queries.text(connection, "SELECT has_schema_privilege(?, 'USAGE')", settings.schema())
                        .equals("f")
                ? List.of("Postgres: role %s may not use schema %s; GRANT USAGE ON SCHEMA %s TO %s"
                        .formatted(
                                settings.username(),
                                settings.schema(),
                                Sql.identifier(settings.schema()),
                                Sql.identifier(settings.username())))
                : List.of();
    }

    /**
     * Requires what reading the table's rows needs, without what only the stream needs.
     *
     * @param mapped returns the mapped columns, given the columns of the table
     * @throws Fault 3 with all problems that were found
     */
    public static Table readable(Database database, Function<Set<String>, List<String>> mapped) {
        PostgresSettings settings = database.settings();
        return database.read("reading the table's definition", connection -> {
            requireVersion(connection);
            Map<String, Column> columns = Catalog.columns(connection, settings);
            if (columns.isEmpty()) {
                throw new Fault(ExitCode.POSTGRES, noTable(settings));
            }
            List<Column> key = Catalog.key(connection, settings, columns);
            Table table = Table.of(columns, key, mapped.apply(columns.keySet()));
            List<String> problems = new ArrayList<>();
            if (key.isEmpty()) {
                problems.addAll(TableFitness.replicaIdentity(connection, settings, key));
            }
            problems.addAll(unreadable(connection, settings, table));
            if (!problems.isEmpty()) {
                throw new Fault(ExitCode.POSTGRES, problems, null);
            }
            return table;
        });
    }

    private static String noTable(PostgresSettings settings) {
        return "Postgres: table %s does not exist (views are not supported), or the role may not use its schema; check postgres.table"
                .formatted(settings.tableName());
    }

    /** Returns what keeps our role from reading all columns of all rows. */
    private static List<String> unreadable(Connection connection, PostgresSettings settings, Table table)
            throws SQLException {
        List<String> problems = new ArrayList<>();
        if (Queries.isTrue(connection, "SELECT row_security_active(to_regclass(?))", settings.quotedTable())) {
            problems.add("Postgres: row security hides rows of table %s from role %s; ALTER ROLE %s BYPASSRLS"
                    .formatted(settings.tableName(), settings.username(), Sql.identifier(settings.username())));
        }
        for (Column column : table.read()) {
            if (!Queries.isTrue(
                    connection, "SELECT has_column_privilege(?, ?, 'SELECT')", settings.quotedTable(), column.name())) {
                problems.add("Postgres: role %s may not read column %s; GRANT SELECT (%s) ON %s TO %s"
                        .formatted(
                                settings.username(),
                                column.name(),
                                Sql.identifier(column.name()),
                                settings.quotedTable(),
                                Sql.identifier(settings.username())));
            }
        }
        return problems;
    }

    /**
     * Requires a supported server version.
     *
     * @throws Fault 3 if the server is too old
     */
    static void requireVersion(Connection connection) throws SQLException {
        if (isTooOld(connection)) {
            throw new Fault(ExitCode.POSTGRES, tooOld(connection));
        }
    }

    private static boolean isTooOld(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() < MIN_VERSION;
    }

    private static String tooOld(Connection connection) throws SQLException {
        return "Postgres: the server is PostgreSQL %s; upgrade it to PostgreSQL %s or newer"
                .formatted(connection.getMetaData().getDatabaseMajorVersion(), MIN_VERSION);
    }
}
