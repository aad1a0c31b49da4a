package ai.flameup.sync.source;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What the server and its catalog say before anything is set up; asking changes nothing.
 *
 * @param timeline the server's timeline, which another number follows after each promotion
 * @param columns every column of the table, by name, in the table's order
 */
public record Catalog(
        String systemIdentifier, int timeline, String database, Map<String, Column> columns, List<Column> key) {
    /** Of a role that is still to be named; managed servers have roles whose members may as well. */
    static final String MAY_REPLICATE =
            "SELECT m.rolreplication OR m.rolsuper OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN"
                    + " ('rds_replication', 'azure_pg_admin') AND pg_has_role(m.oid, r.oid, 'usage'))"
                    + " FROM pg_roles m WHERE m.rolname = %s";

    private static final int OLDEST = 14;

    /** What a problem is about. */
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

    /**
     * Looks at everything that a run relies on.
     *
     * @throws Fault with all problems that were found, exit code 3
     */
    public static Catalog read(Database database, Function<Set<String>, List<String>> mapped) {
        demandNone(problems(database, mapped));
        return read(database);
    }

    /**
     * What the server says, whatever may be wrong with the table.
     *
     * @throws Fault 3 if it cannot be asked; a standby cannot
     */
    public static Catalog read(Database database) {
        try (Connection connection = database.connection()) {
            Map<String, Column> columns = columns(connection, database.settings());
            return new Catalog(
                    text(connection, "SELECT system_identifier FROM pg_control_system()"),
                    Integer.parseInt(
                            text(connection, "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"), 16),
                    text(connection, "SELECT current_database()"),
                    columns,
                    key(connection, database.settings(), columns));
        } catch (SQLException e) {
            throw database.fault("looking at the server", e);
        }
    }

    /**
     * What is wrong with everything that a run relies on, part by part.
     *
     * @return for each part what is wrong with it, which may be nothing; a part that could not be looked at is missing
     * @throws Fault 3 if the server cannot be asked
     */
    public static Map<Part, List<String>> problems(Database database, Function<Set<String>, List<String>> mapped) {
        try (Connection connection = database.connection()) {
            return problems(database, connection, mapped);
        } catch (SQLException e) {
            throw database.fault("looking at the server", e);
        }
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
     * Looks at what a run relies on beside its role, which may not be there yet.
     *
     * @return the table as it is to be read
     * @throws Fault with all problems that were found, exit code 3
     */
    static Table followable(Database database, Connection connection, Function<Set<String>, List<String>> mapped)
            throws SQLException {
        Map<Part, List<String>> problems = problems(database, connection, mapped);
        problems.remove(Part.ROLE);
        problems.remove(Part.GRANTS);
        demandNone(problems);
        Map<String, Column> columns = columns(connection, database.settings());
        return Table.of(columns, key(connection, database.settings(), columns), mapped.apply(columns.keySet()));
    }

    /** As the other, with a connection of its own. */
    public static Table followable(Database database, Function<Set<String>, List<String>> mapped) {
        try (Connection connection = database.connection()) {
            return followable(database, connection, mapped);
        } catch (SQLException e) {
            throw database.fault("looking at the server", e);
        }
    }

    private static void demandNone(Map<Part, List<String>> problems) {
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
        Map<String, Column> columns = columns(connection, settings);
        if (columns.isEmpty()) {
            problems.put(Part.TABLE, List.of(noTable(settings)));
            return;
        }
        List<String> schema = schema(connection, settings);
        if (!schema.isEmpty()) {
            problems.put(Part.GRANTS, schema);
            return;
        }
        List<Column> key = key(connection, settings, columns);
        problems.put(
                Part.TABLE,
                joined(unlogged(connection, settings), children(connection, settings), unreadableTypes(connection)));
        problems.put(
                Part.PRIMARY_KEY,
                key.isEmpty()
                        ? List.of(noKey(settings))
                        : joined(notCarried(database, connection, key), quoted(settings, key)));
        if (!key.isEmpty()) {
            problems.put(Part.REPLICA_IDENTITY, replicaIdentity(connection, settings, key));
        }
        List<String> alike = alike(settings, columns.keySet());
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
        return text(connection, "SELECT pg_is_in_recovery()").equals("t") ? List.of(Server.STANDBY) : List.of();
    }

    private static List<String> walLevel(Connection connection) throws SQLException {
        String level = text(connection, "SELECT current_setting('wal_level')");
        return level.equals("logical")
                ? List.of()
                : List.of(("Postgres: wal_level is %s and must be logical, which takes a restart of the server;"
                                + " ALTER SYSTEM SET wal_level = 'logical'")
                        .formatted(level));
    }

    private static List<String> role(Connection connection, PostgresSettings settings) throws SQLException {
        return mayReplicate(connection, text(connection, "SELECT current_user"))
                ? List.of()
                : List.of("Postgres: role %s may not replicate; ALTER ROLE %s REPLICATION"
                        .formatted(settings.username(), Sql.identifier(settings.username())));
    }

    static boolean mayReplicate(Connection connection, String role) throws SQLException {
        return text(connection, MAY_REPLICATE.formatted("?"), role).equals("t");
    }

    private static List<String> schema(Connection connection, PostgresSettings settings) throws SQLException {
        return text(connection, "SELECT has_schema_privilege(?, 'USAGE')", settings.schema())
                        .equals("f")
                ? List.of("Postgres: role %s may not use schema %s; GRANT USAGE ON SCHEMA %s TO %s"
                        .formatted(
                                settings.username(),
                                settings.schema(),
                                Sql.identifier(settings.schema()),
                                Sql.identifier(settings.username())))
                : List.of();
    }

    private static List<String> quoted(PostgresSettings settings, List<Column> key) {
        return key.stream()
                .map(Column::name)
                .filter(Catalog::isInQuotes)
                .map(name ->
                        "Postgres: column %s of the primary key has quotes in its name that the stream does not carry; ALTER TABLE %s RENAME COLUMN %s TO ..."
                                .formatted(name, settings.quotedTable(), Sql.identifier(name)))
                .toList();
    }

    /**
     * Looks at what reading the table's rows relies on, and no more: not at what only the stream needs.
     *
     * @param mapped tells the mapped columns, of those that there are
     * @throws Fault with all problems that were found, exit code 3
     */
    public static Table readable(Database database, Function<Set<String>, List<String>> mapped) {
        PostgresSettings settings = database.settings();
        try (Connection connection = database.connection()) {
            demandVersion(connection);
            Map<String, Column> columns = columns(connection, settings);
            if (columns.isEmpty()) {
                throw new Fault(ExitCode.POSTGRES, noTable(settings));
            }
            List<Column> key = key(connection, settings, columns);
            Table table = Table.of(columns, key, mapped.apply(columns.keySet()));
            List<String> problems = new ArrayList<>();
            if (key.isEmpty()) {
                problems.addAll(replicaIdentity(connection, settings, key));
            }
            problems.addAll(unreadable(connection, settings, table));
            if (!problems.isEmpty()) {
                throw new Fault(ExitCode.POSTGRES, problems, null);
            }
            return table;
        } catch (SQLException e) {
            throw database.fault("looking at the table", e);
        }
    }

    /** The table as it is read. */
    public Table table(List<String> mapped) {
        return Table.of(columns, key, mapped);
    }

    private static String noTable(PostgresSettings settings) {
        return "Postgres: there is no table %s (a view is none), or its schema may not be used; check postgres.table"
                .formatted(settings.tableName());
    }

    /** What keeps our role from reading every row whole. */
    private static List<String> unreadable(Connection connection, PostgresSettings settings, Table table)
            throws SQLException {
        List<String> problems = new ArrayList<>();
        if (text(connection, "SELECT row_security_active(to_regclass(?))", settings.quotedTable())
                .equals("t")) {
            problems.add("Postgres: row security hides rows of table %s from role %s; ALTER ROLE %s BYPASSRLS"
                    .formatted(settings.tableName(), settings.username(), Sql.identifier(settings.username())));
        }
        for (Column column : table.read()) {
            if (!may(connection, settings, column.name())) {
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
     * @throws Fault 3 where the server is too old for anything else to be asked
     */
    static void demandVersion(Connection connection) throws SQLException {
        if (isTooOld(connection)) {
            throw new Fault(ExitCode.POSTGRES, tooOld(connection));
        }
    }

    private static boolean isTooOld(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion() < OLDEST;
    }

    private static String tooOld(Connection connection) throws SQLException {
        return "Postgres: the server is PostgreSQL %d; %d or newer is needed"
                .formatted(connection.getMetaData().getDatabaseMajorVersion(), OLDEST);
    }

    static Map<String, Column> columns(Connection connection, PostgresSettings settings) throws SQLException {
        Map<String, Column> columns = new LinkedHashMap<>();
        query(
                connection,
                "SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid FROM pg_attribute a"
                        + " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p') AND a.attnum > 0"
                        + " AND NOT a.attisdropped ORDER BY a.attnum",
                row -> columns.put(row.getString(1), new Column(row.getString(1), row.getString(2), row.getInt(3))),
                settings.schema(),
                settings.table());
        return columns;
    }

    static List<Column> key(Connection connection, PostgresSettings settings, Map<String, Column> columns)
            throws SQLException {
        List<Column> key = new ArrayList<>();
        query(
                connection,
                "SELECT a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace,"
                        + " unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)"
                        + " JOIN pg_attribute a ON true WHERE a.attrelid = c.oid AND a.attnum = k.attnum"
                        + " AND i.indisprimary AND n.nspname = ? AND c.relname = ? ORDER BY k.place",
                row -> key.add(columns.get(row.getString(1))),
                settings.schema(),
                settings.table());
        return key;
    }

    /**
     * Publishing a table without a usable identity would make every UPDATE and DELETE of the application fail. With
     * partitions, each has an identity of its own.
     */
    static List<String> replicaIdentity(Connection connection, PostgresSettings settings, List<Column> key)
            throws SQLException {
        if (key.isEmpty()) {
            return List.of(noKey(settings));
        }
        List<String> problems = new ArrayList<>();
        query(
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

    private static String noKey(PostgresSettings settings) {
        return ("Postgres: table %s has no primary key, and so no replica identity that tells its rows apart;"
                        + " ALTER TABLE %s ADD PRIMARY KEY (...)")
                .formatted(settings.tableName(), settings.quotedTable());
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

    private static List<String> unlogged(Connection connection, PostgresSettings settings) throws SQLException {
        return text(
                                connection,
                                "SELECT relpersistence FROM pg_class WHERE oid = to_regclass(?)",
                                settings.quotedTable())
                        .equals("u")
                ? List.of("Postgres: table %s is unlogged, and its changes are in no stream; ALTER TABLE %s SET LOGGED"
                        .formatted(settings.tableName(), settings.quotedTable()))
                : List.of();
    }

    /** Rows of children are read with the table's own, but the stream has their changes under the children's names. */
    private static List<String> children(Connection connection, PostgresSettings settings) throws SQLException {
        List<String> children = new ArrayList<>();
        query(
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
    private static List<String> unreadableTypes(Connection connection) throws SQLException {
        List<String> types = new ArrayList<>();
        query(
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

    /**
     * Those of these columns that do not come with a change, whose rows are read again after each: generated ones, and
     * those of a type that the stream does not print as a read does.
     */
    public List<String> notStreamed(Database database, List<String> mapped) {
        try (Connection connection = database.connection()) {
            Set<String> generated = generated(connection, database.settings());
            Types types = new Types(database);
            List<String> names = new ArrayList<>();
            for (Column column : table(mapped).columns()) {
                if (generated.contains(column.name())
                        || !types.of(connection, column.typeOid()).isStreamed()) {
                    names.add(column.name());
                }
            }
            return names;
        } catch (SQLException e) {
            throw database.fault("looking at the columns' types", e);
        }
    }

    private static Set<String> generated(Connection connection, PostgresSettings settings) throws SQLException {
        Set<String> generated = new HashSet<>();
        query(
                connection,
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(?) AND attgenerated <> ''",
                row -> generated.add(row.getString(1)),
                settings.quotedTable());
        return generated;
    }

    /** Rows whose keys are not in the stream, or not as they are read, cannot be told apart there. */
    private static List<String> notCarried(Database database, Connection connection, List<Column> key)
            throws SQLException {
        Set<String> generated = generated(connection, database.settings());
        Types types = new Types(database);
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

    /** Debezium takes quotes around a column's name for none of the name's. */
    private static boolean isInQuotes(String column) {
        char first = column.charAt(0);
        return column.length() > 1 && "\"'`".indexOf(first) >= 0 && column.charAt(column.length() - 1) == first;
    }

    /** Debezium knows columns by their names in lower case, and refuses a table where that does not tell them apart. */
    private static List<String> alike(PostgresSettings settings, Set<String> columns) {
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

    private static boolean may(Connection connection, PostgresSettings settings, String column) throws SQLException {
        List<Boolean> answer = new ArrayList<>();
        query(
                connection,
                "SELECT has_column_privilege(?, ?, 'SELECT')",
                row -> answer.add(row.getBoolean(1)),
                settings.quotedTable(),
                column);
        return answer.contains(true);
    }

    /** Whether a unique index, of this column alone and of all rows, sees to it that no two of them share a value. */
    public static boolean isUnique(Database database, String column) {
        try (Connection connection = database.connection()) {
            return !text(
                            connection,
                            "SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
                                    + " AND a.attnum = i.indkey[0] WHERE i.indrelid = ?::regclass AND a.attname = ?"
                                    + " AND i.indisunique AND i.indisvalid AND i.indnkeyatts = 1 AND i.indpred IS NULL",
                            database.settings().quotedTable(),
                            column)
                    .isEmpty();
        } catch (SQLException e) {
            throw database.fault("looking at the table's indexes", e);
        }
    }

    static String text(Connection connection, String sql, String... parameters) throws SQLException {
        List<String> answers = new ArrayList<>();
        query(connection, sql, row -> answers.add(String.valueOf(row.getString(1))), parameters);
        return answers.isEmpty() ? "" : answers.get(0);
    }

    interface RowTaker {
        void take(ResultSet row) throws SQLException;
    }

    static void query(Connection connection, String sql, RowTaker taker, String... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    taker.take(rows);
                }
            }
        }
    }
}
