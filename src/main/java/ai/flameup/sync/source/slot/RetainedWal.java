package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.rows.PageReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much WAL the server keeps for the slot at one moment. Immutable.
 *
 * @param status the server's {@code wal_status} of the slot; null where there is no slot
 * @param bytes how much it keeps; null where there is no slot, or it was invalidated
 * @param serverLimit {@code max_slot_wal_keep_size} in bytes: past it the server takes the slot away; null for none
 * @param end where the server's WAL ends
 */
public record RetainedWal(
        @Nullable String status,
        @Nullable Long bytes,
        @Nullable Long serverLimit,
        Lsn end) {
    /** What a marker and the transaction around it take, rounded up. */
    private static final long MARKER_BYTES = 256;

    private static final String LOOK = """
            SELECT wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint,
                   (SELECT nullif(setting::bigint, -1) << 20 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
                   pg_current_wal_lsn()
            FROM (SELECT) one LEFT JOIN pg_replication_slots ON slot_name = ?
            """;

    /**
     * @throws ai.flameup.sync.fault.Fault 3 if the server cannot be asked
     */
    public static RetainedWal read(Database database) {
        List<RetainedWal> seen = new ArrayList<>(1);
        try (Connection connection = database.connection()) {
            Queries.query(
                    connection,
                    LOOK,
                    row -> seen.add(new RetainedWal(
                            row.getString(1),
                            (Long) row.getObject(2),
                            (Long) row.getObject(3),
                            Lsn.parse(row.getString(4)))),
                    database.settings().slot());
            connection.rollback();
            return seen.get(0);
        } catch (SQLException e) {
            throw database.fault("looking at the slot", e);
        }
    }

    /**
     * What makes the server bound what it keeps: at twice what we let it keep, so that a run is told to be late, and can
     * mend it, long before the slot is lost.
     *
     * @param most {@code max-retained-wal} in bytes
     * @return SQL to be pasted
     */
    public static String limiting(long most) {
        long megabytes = (2 * most + (1 << 20) - 1) >> 20;
        return "ALTER SYSTEM SET max_slot_wal_keep_size = '%s'; SELECT pg_reload_conf();"
                .formatted(megabytes % 1024 == 0 ? megabytes / 1024 + "GB" : megabytes + "MB");
    }

    /** What reading so many rows through the fence writes of its own, in bytes. */
    public static long written(long rows) {
        return (rows + PageReader.MOST_ROWS - 1) / PageReader.MOST_ROWS * MARKER_BYTES;
    }
}
