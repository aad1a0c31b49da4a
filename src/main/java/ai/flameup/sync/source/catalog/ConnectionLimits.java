package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.ConnectionCount;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The limits that apply to the sidecar's connections, and how many are available. Immutable.
 *
 * @param problems the limits of role and database that are too low for a run, each with its remedy
 * @param maxConnections the server's {@code max_connections}
 * @param reserved how many of those are reserved for superusers and other roles
 * @param others the connections of other clients, to all databases
 */
public record ConnectionLimits(List<String> problems, int maxConnections, int reserved, int others) {
    /**
     * Queries the server.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the query fails
     */
    public static ConnectionLimits read(Database database) {
        return database.read("reading the connection limits", connection -> {
            List<ConnectionLimits> found = new ArrayList<>(1);
            Queries.query(
                    connection,
                    "SELECT current_setting('max_connections'), current_setting('superuser_reserved_connections')::int"
                            + " + coalesce(current_setting('reserved_connections', true), '0')::int,"
                            + " greatest(0, (SELECT sum(numbackends) FROM pg_stat_database)"
                            + " - (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user"
                            + " AND datname = current_database() AND (application_name = ?"
                            + " OR application_name LIKE 'Debezium%')))",
                    row -> found.add(
                            new ConnectionLimits(problems(connection), row.getInt(1), row.getInt(2), row.getInt(3))),
                    PostgresSettings.APPLICATION_NAME);
            return found.get(0);
        });
    }

    /** Returns the limits of the role and the database that are too low. They do not apply to superusers. */
    static List<String> problems(Connection connection) throws SQLException {
        List<String> problems = new ArrayList<>();
        Queries.query(
                connection,
                "SELECT r.rolname, r.rolconnlimit, d.datname, d.datconnlimit FROM pg_roles r, pg_database d"
                        + " WHERE r.rolname = current_user AND d.datname = current_database() AND NOT r.rolsuper",
                row -> addProblems(problems, row));
        return problems;
    }

    private static void addProblems(List<String> problems, ResultSet row) throws SQLException {
        String role = row.getString(1);
        if (isTooLow(row.getInt(2))) {
            problems.add("Postgres: role %s is limited to %s connections, but flameup-sync needs %s; %s"
                    .formatted(role, row.getInt(2), ConnectionCount.NEEDED, PostgresFailures.raiseLimit(role)));
        }
        String database = row.getString(3);
        if (isTooLow(row.getInt(4))) {
            problems.add(
                    "Postgres: database %s is limited to %s connections, but flameup-sync alone needs %s; ALTER DATABASE %s CONNECTION LIMIT -1"
                            .formatted(database, row.getInt(4), ConnectionCount.NEEDED, Sql.identifier(database)));
        }
    }

    /** A negative limit means no limit. */
    private static boolean isTooLow(int limit) {
        return limit >= 0 && limit < ConnectionCount.NEEDED;
    }

    /** Returns how many client connections the sidecar can open at the moment; may be negative. */
    public int available() {
        return maxConnections - reserved - others;
    }
}
