package ai.flameup.sync.source.catalog;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The server that answers, and the end of its WAL. Immutable.
 *
 * @param systemIdentifier as Postgres prints it
 * @param timeline increases with each promotion
 * @param end the end of its WAL
 */
public record ServerIdentity(String systemIdentifier, int timeline, Lsn end) {
    /**
     * Queries the server.
     *
     * @throws Fault 3 if the query fails, or the server is a standby
     */
    public static ServerIdentity read(Database database) {
        List<ServerIdentity> found = new ArrayList<>(1);
        try (Connection connection = database.connection()) {
            Queries.query(
                    connection,
                    "SELECT system_identifier, CASE WHEN NOT pg_is_in_recovery()"
                            + " THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,"
                            + " CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END FROM pg_control_system()",
                    row -> {
                        if (row.getString(2) == null) {
                            throw new Fault(ExitCode.POSTGRES, STANDBY);
                        }
                        found.add(new ServerIdentity(
                                row.getString(1), Integer.parseInt(row.getString(2), 16), Lsn.parse(row.getString(3))));
                    });
            connection.rollback();
        } catch (SQLException e) {
            throw database.fault("identifying the server", e);
        }
        return found.get(0);
    }

    static final String STANDBY = "Postgres: the server is a standby; name the primary in postgres.url";
}
