package ai.flameup.sync.backfill;

import ai.flameup.sync.state.pending.Backfills;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Deletes the keys of backfills that have ended, some in each turn. For one thread. */
public final class KeySweeper {
    /** The query reads the whole history of backfills. */
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Backfills backfills;
    private long sweptAt = System.nanoTime() - INTERVAL_NANOS;

    public KeySweeper(Backfills backfills) {
        this.backfills = backfills;
    }

    /**
     * Deletes the next keys, if there are any.
     *
     * @param stop unused, because the number of keys is small
     * @return whether there may be more
     */
    public boolean next(CountDownLatch stop) {
        if (System.nanoTime() - sweptAt < INTERVAL_NANOS) {
            return false;
        }
        boolean more = backfills.sweep();
        if (!more) {
            sweptAt = System.nanoTime();
        }
        return more;
    }
}
