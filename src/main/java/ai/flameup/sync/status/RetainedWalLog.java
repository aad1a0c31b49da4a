package ai.flameup.sync.status;

import ai.flameup.sync.source.slot.RetainedWal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs once when the retained WAL exceeds half of its limit, and the limit, and once when it is below half again. For
 * one thread.
 */
final class RetainedWalLog {
    private static final Logger LOG = LoggerFactory.getLogger(RetainedWalLog.class);
    private static final long MEGABYTE = 1L << 20;

    private final long limit;
    private RetainedWalLevel logged = RetainedWalLevel.FINE;

    /** @param limit in bytes */
    RetainedWalLog(long limit) {
        this.limit = limit;
    }

    void record(RetainedWal wal) {
        Long bytes = wal.bytes();
        if (bytes == null) {
            return;
        }
        RetainedWalLevel now = RetainedWalLevel.of(bytes, limit);
        if (now.compareTo(logged) > 0) {
            LOG.warn(
                    "Retained WAL is {} MB, more than {}postgres.max-retained-wal ({} MB), and may fill the server's disk."
                            + " It shrinks as changes are delivered",
                    bytes / MEGABYTE,
                    now == RetainedWalLevel.PAST ? "" : "half of ",
                    limit / MEGABYTE);
        } else if (now == RetainedWalLevel.FINE && logged != RetainedWalLevel.FINE) {
            LOG.info("Retained WAL is back to {} MB", bytes / MEGABYTE);
        } else {
            return;
        }
        logged = now;
    }
}
