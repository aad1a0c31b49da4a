package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Parser;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Checks the mapping's expressions on the server, in a read-only transaction with the rights of the role, and finds their types.
 * Nothing is computed. One instance for each check.
 */
public final class ExpressionCheck {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Plans of these kinds have another number of rows than the table, or look at other rows. */
    private static final Set<String> OF_SEVERAL_ROWS = Set.of("ProjectSet", "WindowAgg", "Aggregate", "Group");

    private static final String PERMISSION_DENIED = "42501";
    private static final String DATA_EXCEPTION = "22";
    /** Setup grants no right on functions and sequences. */
    private static final Pattern SETUP_GRANTS =
            Pattern.compile("for (?:(?:foreign )?table|(?:materialized )?view|relation|column|schema) ");

    private final Database database;
    private final Map<String, String> expressions;
    private final List<Column> columns = new ArrayList<>();
    private final Set<String> tables = new TreeSet<>();
    private final List<String> wrong = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private boolean isDenied;

    private ExpressionCheck(Database database, Map<String, String> expressions) {
        this.database = database;
        this.expressions = expressions;
    }

    /**
     * Checks expressions.
     *
     * @param expressions by their configuration keys
     * @throws Fault 2 with everything that is wrong, in the server's words; 3 if the role lacks a right, or a query fails
     */
    public static ExpressionCheck of(Database database, Map<String, String> expressions) {
        ExpressionCheck check = new ExpressionCheck(database, expressions);
        if (!expressions.isEmpty()) {
            check.run();
        }
        return check;
    }

    /**
     * Returns the table with its expressions.
     *
     * @param timeout the maximum time of a statement that computes them
     * @throws Fault as {@link #of}
     */
    public static Table with(Database database, Table table, Map<String, String> expressions, Duration timeout) {
        return of(database, expressions).with(table, timeout);
    }

    /** As the other method, for a table whose expressions were checked. */
    public Table with(Table table, Duration timeout) {
        return columns.isEmpty() ? table : table.with(columns, timeout);
    }

    /**
     * What it means that the expressions read other tables; empty if all of them are watched.
     *
     * @param watched the tables whose changes are noticed
     */
    public Optional<String> unnoticed(List<WatchedTable> watched) {
        Set<String> others = new TreeSet<>(tables);
        watched.forEach(table -> others.remove(table.name().toString()));
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "changes of %s are not noticed, although the mapping reads it: a person is sent when its row in %s changes, or by a backfill"
                                .formatted(
                                        String.join(", ", others),
                                        database.settings().tableName()));
    }

    /**
     * What it means that values can differ although the row is the same: one line for each expression and cause, with what to do
     * after a semicolon.
     */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    private void run() {
        try (Connection connection = database.connection();
                Statement statement = connection.createStatement()) {
            connection.setReadOnly(true);
            Database.limitLockWait(connection);
            statement.setEscapeProcessing(false);
            statement.execute("SET LOCAL search_path = pg_catalog, "
                    + Sql.identifier(database.settings().schema()));
            for (Map.Entry<String, String> expression : expressions.entrySet()) {
                statement.execute("SAVEPOINT flameup_expression");
                check(statement, expression.getKey(), expression.getValue());
                statement.execute("ROLLBACK TO flameup_expression");
            }
        } catch (SQLException e) {
            throw database.fault("checking the expressions of mapping", e);
        }
        if (!wrong.isEmpty()) {
            throw new Fault(isDenied ? ExitCode.POSTGRES : ExitCode.USAGE, wrong, null);
        }
    }

    private void check(Statement statement, String key, String sql) throws SQLException {
        int statements = Parser.parseJdbcSql("SELECT " + sql, true, false, true, false, false)
                .size();
        if (statements != 1 || sql.contains("??")) {
            wrong.add(key
                    + (statements == 1
                            ? ": must not contain ??, which the driver takes for one question mark"
                            : ": must be one expression, without semicolons outside of strings"));
            return;
        }
        if (ExpressionText.hasParameter(sql)) {
            wrong.add(key + ": " + ExpressionText.PARAMETER);
            return;
        }
        String table = database.settings().quotedTable();
        // Also without our parentheses, because an expression that closes them would mean something else.
        String plain = "SELECT " + sql + "\n FROM " + table;
        // With a column of the row, so that the server refuses an aggregate.
        String enclosed = "SELECT " + readable(statement.getConnection()) + ", (" + sql + "\n) AS value FROM " + table;
        String condition = "SELECT FROM " + table + " WHERE (" + sql + "\n)";
        try {
            JsonNode alone = ofOnePartition(explain(statement, plain).at("/0/Plan"));
            JsonNode plan = explain(statement, enclosed).at("/0/Plan");
            if (key.equals(Column.CONDITION)) {
                explain(statement, condition);
            }
            addTables(statement.getConnection(), plan);
            if (alone.path("Output").size() != 1
                    || OF_SEVERAL_ROWS.contains(
                            ofOnePartition(plan).path("Node Type").asText())) {
                wrong.add(key + ": must have one value for each row, computed from this row");
                return;
            }
            addColumn(statement, key, sql, enclosed);
            warnings.addAll(UnstableFunctions.warnings(statement.getConnection(), key, sql));
        } catch (SQLException e) {
            wrong.add("%s: %s".formatted(key, reason(e, sql, List.of(plain, enclosed, condition))));
            statement.execute("ROLLBACK TO flameup_expression");
        }
    }

    /** The part of the plan that computes an expression: a plan that joins the partitions of a table has no output of its own. */
    private static JsonNode ofOnePartition(JsonNode plan) {
        if (plan.path("Node Type").asText().endsWith("Append")) {
            for (JsonNode below : plan.path("Plans")) {
                if (below.path("Parent Relationship").asText().equals("Member")) {
                    return ofOnePartition(below);
                }
            }
        }
        return plan;
    }

    /** Returns a column that the role may read: a right on columns does not include the system columns. */
    private String readable(Connection connection) throws SQLException {
        String column = Queries.text(
                connection,
                "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0"
                        + " AND NOT attisdropped AND has_column_privilege(attrelid, attnum, 'SELECT')"
                        + " ORDER BY attnum LIMIT 1",
                database.settings().quotedTable());
        return column.isEmpty() ? "tableoid" : column;
    }

    private static JsonNode explain(Statement statement, String select) throws SQLException {
        try (ResultSet plan = statement.executeQuery("EXPLAIN (VERBOSE, FORMAT JSON) " + select)) {
            plan.next();
            return JSON.readTree(plan.getString(1));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the server's plan is not JSON", e);
        }
    }

    private void addTables(Connection connection, JsonNode plan) throws SQLException {
        String name = plan.path("Relation Name").asText();
        String schema = plan.path("Schema").asText();
        // The plan has the partitions in place of a partitioned table.
        Queries.query(
                connection,
                "SELECT n.nspname, c.relname FROM to_regclass(?) r JOIN pg_class c ON c.oid = coalesce(pg_partition_root(r), r)"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid IS DISTINCT FROM to_regclass(?)",
                row -> tables.add(new TableName(row.getString(1), row.getString(2)).toString()),
                new TableName(schema, name).quoted(),
                database.settings().quotedTable());
        for (JsonNode below : plan.path("Plans")) {
            addTables(connection, below);
        }
    }

    /** The type as reads have it: that of a domain is its base type. */
    private void addColumn(Statement statement, String key, String sql, String select) throws SQLException {
        int oid;
        try (ResultSet nothing = statement.executeQuery(select + " LIMIT 0")) {
            String name = nothing.getMetaData().getColumnTypeName(2);
            oid = statement
                    .getConnection()
                    .unwrap(BaseConnection.class)
                    .getTypeInfo()
                    .getPGType(name);
        }
        String type = Queries.text(
                statement.getConnection(), "SELECT format_type(?::oid, -1)", Integer.toUnsignedString(oid));
        if (type.equals("record")) {
            wrong.add(key + ": must have one value for each row, computed from this row");
        }
        columns.add(new Column(key, type, oid, sql));
    }

    private String reason(SQLException e, String sql, List<String> statements) {
        Fault fault = database.fault("checking the expressions of mapping", e);
        ServerErrorMessage message = e instanceof PSQLException error ? error.getServerErrorMessage() : null;
        if (message == null || PostgresFailures.isTransient(fault)) {
            throw fault;
        }
        isDenied |= PERMISSION_DENIED.equals(e.getSQLState());
        String state = String.valueOf(e.getSQLState());
        String words = String.valueOf(message.getMessage());
        boolean setupGrants =
                state.equals(PERMISSION_DENIED) && SETUP_GRANTS.matcher(words).find();
        // The server computes constants when it plans.
        return "Postgres rejects the expression%s: %s%s%s"
                .formatted(
                        state.startsWith(DATA_EXCEPTION) ? " for every row" : "",
                        words,
                        place(message, sql, statements),
                        setupGrants ? "; run `flameup-sync setup`, which grants what expressions read" : "");
    }

    private static String place(ServerErrorMessage message, String sql, List<String> statements) {
        int prefix = "EXPLAIN (VERBOSE, FORMAT JSON) ".length();
        for (String statement : statements) {
            int at = message.getPosition() - prefix - statement.indexOf(sql);
            if (message.getPosition() > 0 && at >= 1 && at <= sql.length()) {
                return ", at its character " + at;
            }
        }
        return message.getPosition() > 0 ? ", at its end" : "";
    }
}
