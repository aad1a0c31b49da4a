package ai.flameup.sync.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.OptionalLong;

/**
 * How much WAL the server keeps for the slot. Immutable.
 *
 * @param bytes how much it keeps now; 0 where there is no slot
 * @param status {@code wal_status} of the slot; empty where there is no slot
 * @param serverLimit how much it keeps at most, in bytes, before it takes the slot away; empty for no limit
 */
public record RetainedWal(long bytes, String status, OptionalLong serverLimit) {
    private static final long MEGABYTE = 1L << 20;
    /** What a marker and the transaction around it take, rounded up. */
    private static final long MARKER_BYTES = 256;

    /**
     * @throws ai.flameup.sync.fault.Fault 3 if the server cannot be asked
     */
    public static RetainedWal look(Database database) {
        try (Connection connection = database.connection()) {
            long bytes = Long.parseLong(Catalog.text(
                    connection,
                    "SELECT coalesce((SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint"
                            + " FROM pg_replication_slots WHERE slot_name = ?), 0)",
                    database.settings().slot()));
            String status = Catalog.text(
                    connection,
                    "SELECT wal_status FROM pg_replication_slots WHERE slot_name = ?",
                    database.settings().slot());
            long limit = Long.parseLong(
                    Catalog.text(connection, "SELECT setting FROM pg_settings WHERE name = 'max_slot_wal_keep_size'"));
            connection.rollback();
            return new RetainedWal(bytes, status, limit < 0 ? OptionalLong.empty() : OptionalLong.of(limit * MEGABYTE));
        } catch (SQLException e) {
            throw database.fault("looking at the retained WAL", e);
        }
    }

    /** What reading so many rows through the fence writes of its own, in bytes. */
    public static long written(long rows) {
        return (rows + Pages.MOST_ROWS - 1) / Pages.MOST_ROWS * MARKER_BYTES;
    }
}
