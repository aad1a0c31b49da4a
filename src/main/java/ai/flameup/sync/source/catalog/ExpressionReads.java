package ai.flameup.sync.source.catalog;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableColumns;
import ai.flameup.sync.source.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.core.Parser;

/**
 * Finds which columns of our table and of other tables and views the mapping's expressions read. For each expression, the server
 * records the dependencies of a temporary view, which is rolled back. Nothing is computed. One instance for each search.
 */
public final class ExpressionReads {
    private static final String VIEW = "pg_temp.flameup_reads";
    /** A relation in the stored query, with the columns for which a right is checked. */
    private static final Pattern CHECKED = Pattern.compile(":relid (\\d+) [^{}]*?:selectedCols \\(b([ 0-9]*)\\)");
    /** The server counts from the first system column. This one stands for the whole row. */
    private static final String WHOLE_ROW = "7";

    private final Connection connection;
    private final PostgresSettings settings;
    private final Map<TableName, Set<String>> columns =
            new TreeMap<>((a, b) -> a.quoted().compareTo(b.quoted()));
    private final Set<String> own = new TreeSet<>();
    private final Map<String, String> unknown = new LinkedHashMap<>();

    private ExpressionReads(Connection connection, PostgresSettings settings) {
        this.connection = connection;
        this.settings = settings;
    }

    /**
     * What was found. Immutable.
     *
     * @param tables the columns of each table or view except the synchronized table
     * @param own the columns of the synchronized table
     * @param unknown the reason for each expression that could not be inspected, by its configuration key
     */
    public record Found(List<TableColumns> tables, Set<String> own, Map<String, String> unknown) {
        public static final Found NONE = new Found(List.of(), Set.of(), Map.of());
    }

    /**
     * Inspects expressions. The transaction must be able to write.
     *
     * @param expressions by their configuration keys
     * @throws Fault 2 if one has a parameter, which ends the connection
     */
    public static Found of(Connection connection, PostgresSettings settings, Map<String, String> expressions)
            throws SQLException {
        ExpressionReads reads = new ExpressionReads(connection, settings);
        for (Map.Entry<String, String> expression : expressions.entrySet()) {
            reads.inspect(expression.getKey(), expression.getValue());
        }
        return new Found(
                reads.columns.entrySet().stream()
                        .map(entry -> new TableColumns(entry.getKey(), List.copyOf(entry.getValue())))
                        .toList(),
                Set.copyOf(reads.own),
                Map.copyOf(reads.unknown));
    }

    private void inspect(String key, String sql) throws SQLException {
        // A second statement would run with the rights of an administrator.
        if (Parser.parseJdbcSql("SELECT " + sql, true, false, true, false, false)
                        .size()
                != 1) {
            unknown.put(key, "it must be one expression");
            return;
        }
        if (ExpressionText.hasParameter(sql)) {
            throw new Fault(ExitCode.USAGE, key + ": " + ExpressionText.PARAMETER);
        }
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            Database.limitLockWait(connection);
            statement.execute("SET LOCAL search_path = pg_catalog, " + Sql.identifier(settings.schema()));
            statement.execute("CREATE TEMPORARY VIEW flameup_reads AS SELECT 1 AS one FROM %s WHERE (%s\n) IS NULL"
                    .formatted(settings.quotedTable(), sql));
            addColumns(wholeRows());
        } catch (SQLException e) {
            unknown.put(key, PostgresFailures.message(e));
        } finally {
            connection.rollback(before);
        }
    }

    /** Returns the oids of the relations that are read whole, of which the dependencies name no column. */
    private List<String> wholeRows() throws SQLException {
        List<String> oids = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT ev_action::text FROM pg_rewrite WHERE ev_class = to_regclass(?)",
                row -> {
                    Matcher relation = CHECKED.matcher(row.getString(1));
                    while (relation.find()) {
                        if (List.of(relation.group(2).trim().split(" ", -1)).contains(WHOLE_ROW)) {
                            oids.add(relation.group(1));
                        }
                    }
                },
                VIEW);
        return oids;
    }

    /** If another relation is read without any column, as by count(*), a right on one column is enough. */
    private void addColumns(List<String> whole) throws SQLException {
        Queries.query(
                connection,
                "WITH used AS (SELECT d.refobjid AS oid, array_agg(d.refobjsubid) AS columns"
                        + " FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid"
                        + " WHERE r.ev_class = to_regclass(?) AND d.refclassid = 'pg_class'::regclass"
                        + " AND d.refobjid <> r.ev_class GROUP BY 1)"
                        + " SELECT n.nspname, c.relname, a.attname, u.oid = to_regclass(?) FROM used u JOIN pg_class c ON c.oid = u.oid"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                        + " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
                        + " AND (u.oid = ANY (?::oid[]) OR a.attnum = ANY (u.columns) OR u.columns = '{0}'"
                        + " AND u.oid <> to_regclass(?)"
                        + " AND a.attnum = (SELECT min(f.attnum) FROM pg_attribute f"
                        + " WHERE f.attrelid = c.oid AND f.attnum > 0 AND NOT f.attisdropped))",
                row -> (row.getBoolean(4)
                                ? own
                                : columns.computeIfAbsent(
                                        new TableName(row.getString(1), row.getString(2)), name -> new TreeSet<>()))
                        .add(row.getString(3)),
                VIEW,
                settings.quotedTable(),
                Sql.array(whole),
                settings.quotedTable());
    }
}
