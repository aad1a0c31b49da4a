package ai.flameup.sync.status;

import ai.flameup.sync.source.slot.RetainedWal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once when the WAL that is kept for us passes half of its limit, and the limit, and when it is below half again. For one thread. */
final class RetainedWalLog {
    enum Level {
        FINE,
        HALF,
        PAST;

        static Level of(long bytes, long limit) {
            return bytes > limit ? PAST : bytes > limit / 2 ? HALF : FINE;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(RetainedWalLog.class);
    private static final long MEGABYTE = 1L << 20;

    private final long limit;
    private Level said = Level.FINE;

    /** @param limit in bytes */
    RetainedWalLog(long limit) {
        this.limit = limit;
    }

    void saw(RetainedWal wal) {
        Long bytes = wal.bytes();
        if (bytes == null) {
            return;
        }
        Level now = Level.of(bytes, limit);
        if (now.compareTo(said) > 0) {
            LOG.warn(
                    "The server keeps {} MB of WAL for the slot, which is past {}postgres.max-retained-wal ({} MB), and its disk may"
                            + " fill up; the slot lets it go as changes are delivered",
                    bytes / MEGABYTE,
                    now == Level.PAST ? "" : "half of ",
                    limit / MEGABYTE);
        } else if (now == Level.FINE && said != Level.FINE) {
            LOG.info("The server keeps {} MB of WAL for the slot again", bytes / MEGABYTE);
        } else {
            return;
        }
        said = now;
    }
}
