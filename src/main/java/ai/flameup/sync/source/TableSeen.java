package ai.flameup.sync.source;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The table at one moment.
 *
 * @param version as the catalog has it: another text after each ALTER of the table, or of its schema
 * @param before the end of the flushed WAL just before: no commit up to there came after another version
 */
public record TableSeen(String version, Lsn before) {
    /**
     * @throws Fault 3 where there is no table of the name, or the server cannot be asked
     */
    public static TableSeen look(Database database) {
        PostgresSettings settings = database.settings();
        try (Connection connection = database.connection()) {
            Lsn before = Lsn.parse(Catalog.text(connection, "SELECT pg_current_wal_flush_lsn()"));
            String version = Catalog.text(
                    connection,
                    "SELECT concat_ws('/', c.oid, c.xmin, n.oid, n.xmin) FROM pg_class c"
                            + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(?)",
                    settings.quotedTable());
            if (version.isEmpty()) {
                throw new Fault(
                        ExitCode.POSTGRES,
                        "Postgres: table %s is gone, or bears another name; put it back, or check postgres.table"
                                .formatted(settings.tableName()));
            }
            return new TableSeen(version, before);
        } catch (SQLException e) {
            throw database.fault("looking at the table", e);
        }
    }
}
