package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.rows.PageReader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much WAL the server retains for the slot, at one moment. Immutable.
 *
 * @param status the slot's {@code wal_status}; null if there is no slot
 * @param bytes the retained WAL; null if there is no slot, or it was invalidated
 * @param serverLimit {@code max_slot_wal_keep_size} in bytes, beyond which the server invalidates the slot; null for none
 * @param end the end of the server's WAL
 */
public record RetainedWal(
        @Nullable String status,
        @Nullable Long bytes,
        @Nullable Long serverLimit,
        Lsn end) {
    /** The size of a marker with its transaction in the WAL, rounded up. */
    private static final long MARKER_BYTES = 256;

    private static final String QUERY = """
            SELECT wal_status,
                   CASE WHEN wal_status <> 'lost' THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint END,
                   (SELECT nullif(setting::bigint, -1) << 20 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
                   pg_current_wal_lsn()
            FROM (SELECT) one LEFT JOIN pg_replication_slots ON slot_name = ?
            """;

    /**
     * Queries the server.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the query fails
     */
    public static RetainedWal read(Database database) {
        List<RetainedWal> found = new ArrayList<>(1);
        return database.read("reading the slot", connection -> {
            Queries.query(
                    connection,
                    QUERY,
                    row -> found.add(new RetainedWal(
                            row.getString(1),
                            (Long) row.getObject(2),
                            (Long) row.getObject(3),
                            Lsn.parse(row.getString(4)))),
                    database.settings().slot());
            return found.get(0);
        });
    }

    /**
     * Returns the SQL that limits the retained WAL on the server, to twice our own limit: a run reports that it is late well
     * before the slot is lost.
     *
     * @param most {@code max-retained-wal} in bytes
     */
    public static String limitedTo(long most) {
        long megabytes = (2 * most + (1 << 20) - 1) >> 20;
        return "ALTER SYSTEM SET max_slot_wal_keep_size = '%s'; SELECT pg_reload_conf();"
                .formatted(megabytes % 1024 == 0 ? megabytes / 1024 + "GB" : megabytes + "MB");
    }

    /** Returns how many bytes of WAL the markers take for reading so many rows through the fence. */
    public static long estimateOfRows(long rows) {
        return (rows + PageReader.MAX_ROWS - 1) / PageReader.MAX_ROWS * MARKER_BYTES;
    }
}
