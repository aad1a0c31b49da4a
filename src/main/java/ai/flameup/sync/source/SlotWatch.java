package ai.flameup.sync.source;

import ai.flameup.sync.change.Lsn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slot and the server's WAL at one moment, for whoever looks on. Immutable.
 *
 * @param status the server's {@code wal_status}; null where there is no slot
 * @param retained what the server keeps for it, in bytes; null where there is no slot, or it was invalidated
 * @param serverLimit {@code max_slot_wal_keep_size} in bytes; null for none
 * @param end where the server's WAL ends
 */
public record SlotWatch(
        @Nullable String status,
        @Nullable Long retained,
        @Nullable Long serverLimit,
        Lsn end) {
    private static final String LOOK = """
            SELECT wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint,
                   (SELECT nullif(setting::bigint, -1) << 20 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
                   pg_current_wal_lsn()
            FROM (SELECT) one LEFT JOIN pg_replication_slots ON slot_name = ?
            """;

    /**
     * @throws ai.flameup.sync.fault.Fault 3 if the server cannot be asked
     */
    public static SlotWatch look(Database database) {
        List<SlotWatch> seen = new ArrayList<>(1);
        try (Connection connection = database.connection()) {
            Catalog.query(
                    connection,
                    LOOK,
                    row -> seen.add(new SlotWatch(
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
}
