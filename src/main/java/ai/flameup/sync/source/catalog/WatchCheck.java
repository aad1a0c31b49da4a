package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Watch;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the tables of {@code mapping.watch} on the server. One instance for each check. */
public final class WatchCheck {
    private final Database database;
    private final boolean requiresRights;
    private final List<String> missing = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    private WatchCheck(Database database, boolean requiresRights) {
        this.database = database;
        this.requiresRights = requiresRights;
    }

    /**
     * Finds the watched tables and their columns. Computes nothing.
     *
     * @throws Fault 2 if columns cannot be compared; 3 if a table or a column is missing, if the role may not read a column of our
     *     table, or if a query fails
     */
    public static List<WatchedTable> of(Database database, List<Watch> watches) {
        return watches.isEmpty() ? List.of() : new WatchCheck(database, true).run(watches);
    }

    /** As {@link #of}, for a login that need not have the rights to read our table. */
    public static List<WatchedTable> regardlessOfRights(Database database, List<Watch> watches) {
        return watches.isEmpty() ? List.of() : new WatchCheck(database, false).run(watches);
    }

    private List<WatchedTable> run(List<Watch> watches) {
        List<WatchedTable> found = database.read("reading the watched tables", connection -> {
            List<WatchedTable> tables = new ArrayList<>();
            for (int i = 0; i < watches.size(); i++) {
                WatchedTable table = find(connection, "mapping.watch[%s]".formatted(i), watches.get(i));
                if (table != null) {
                    tables.add(table);
                }
            }
            return tables;
        });
        if (!missing.isEmpty() || !wrong.isEmpty()) {
            List<String> problems = new ArrayList<>(missing);
            problems.addAll(wrong);
            throw new Fault(missing.isEmpty() ? ExitCode.USAGE : ExitCode.POSTGRES, problems, null);
        }
        return found;
    }

    private @Nullable WatchedTable find(Connection connection, String key, Watch watch) throws SQLException {
        TableName name = TableName.parse(watch.table()).orElseThrow();
        Map<String, Column> theirs = Catalog.columns(connection, name);
        Map<String, Column> ours =
                Catalog.columns(connection, database.settings().name());
        String other = unwatchable(connection, name);
        if (!other.isEmpty()) {
            wrong.add("%s: %s is a %s".formatted(key, name, other));
            return null;
        }
        if (theirs.isEmpty()) {
            missing.add("%s: there is no table %s".formatted(key, name));
            return null;
        }
        if (name.equals(database.settings().name())) {
            wrong.add(
                    "%s: %s is the table that is synchronized, whose changes are always noticed".formatted(key, name));
            return null;
        }
        List<WatchedTable.Match> match = new ArrayList<>();
        watch.match().forEach((their, our) -> {
            Column column = theirs.get(their);
            if (column == null) {
                missing.add("%s: table %s has no column %s".formatted(key, name, their));
            } else if (!ours.containsKey(our)) {
                missing.add("%s: table %s has no column %s"
                        .formatted(key, database.settings().tableName(), our));
            } else {
                match.add(new WatchedTable.Match(column, our));
            }
        });
        if (match.size() < watch.match().size()) {
            return null;
        }
        WatchedTable table = new WatchedTable(name, oid(connection, name), match);
        explain(connection, key, table);
        return table;
    }

    /** The stream names the partitioned table instead of a partition, and knows no views. */
    private static String unwatchable(Connection connection, TableName name) throws SQLException {
        return Queries.text(
                connection,
                "SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 'view. Watch the tables that it reads'"
                        + " WHEN c.relispartition THEN 'partition. Watch the partitioned table' ELSE '' END"
                        + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?",
                name.schema(),
                name.name());
    }

    private static int oid(Connection connection, TableName name) throws SQLException {
        return Integer.parseUnsignedInt(Queries.text(
                connection,
                "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE n.nspname = ? AND c.relname = ?",
                name.schema(),
                name.name()));
    }

    /** The server checks that the columns can be compared, and that the role may read ours. */
    private void explain(Connection connection, String key, WatchedTable table) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            Database.limitLockWait(connection);
            table.useOperators(connection, database.settings());
            Queries.execute(
                    connection,
                    "EXPLAIN SELECT FROM %s AS flameup_table WHERE %s"
                            .formatted(
                                    database.settings().quotedTable(), table.condition("flameup_table", i -> "NULL")));
        } catch (SQLException e) {
            connection.rollback(before);
            if (PostgresFailures.isPrivilegeMissing(e)) {
                if (!requiresRights) {
                    return;
                }
                missing.add("%s: %s; GRANT SELECT (%s) ON %s TO %s"
                        .formatted(
                                key,
                                PostgresFailures.message(e),
                                Sql.list(table.match().stream()
                                        .map(WatchedTable.Match::ours)
                                        .toList()),
                                database.settings().quotedTable(),
                                Sql.identifier(database.settings().username())));
            } else if (PostgresFailures.isTransient(database.fault("comparing columns", e))) {
                throw e;
            } else {
                wrong.add("%s: the columns cannot be compared: %s".formatted(key, PostgresFailures.message(e)));
            }
        }
    }
}
