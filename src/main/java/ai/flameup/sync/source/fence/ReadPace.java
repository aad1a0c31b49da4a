package ai.flameup.sync.source.fence;

import java.util.concurrent.TimeUnit;

/**
 * How many rows are read at once. The reads of all causes take turns, so a row for which a live change waits is read after the page
 * in progress. While there are such rows, the pages of other rows are small. Thread-safe.
 */
public final class ReadPace {
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(2);
    private static final int BESIDE_CHANGES = 100;

    private volatile long lastUrgent = System.nanoTime() - WINDOW;

    /** Rows are read for which live changes wait. */
    void urgentRead() {
        lastUrgent = System.nanoTime();
    }

    /** Returns the maximum number of other rows to read at once. */
    int maxRows() {
        return System.nanoTime() - lastUrgent < WINDOW ? BESIDE_CHANGES : Integer.MAX_VALUE;
    }
}
