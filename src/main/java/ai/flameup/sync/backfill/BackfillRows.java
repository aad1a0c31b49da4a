package ai.flameup.sync.backfill;

import java.util.concurrent.CountDownLatch;

/** The rows of one backfill, read a page at a time. For one thread. */
interface BackfillRows {
    /** Reads the next page. Returns early once the latch is down. */
    void next(CountDownLatch stop) throws InterruptedException;

    /** Whether all rows are read. */
    boolean isRead();

    /** Whether nothing can be read before another thread has finished its work. */
    default boolean isWaiting() {
        return false;
    }

    /** Whether a failure that is usually temporary has occurred too often. */
    default boolean isHopeless() {
        return false;
    }
}
