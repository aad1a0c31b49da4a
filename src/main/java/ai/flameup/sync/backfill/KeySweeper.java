package ai.flameup.sync.backfill;

import ai.flameup.sync.state.Backfills;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Deletes the keys of backfills that have ended, a piece in each turn. For one thread. */
public final class KeySweeper {
    /** The look goes through the whole history of backfills. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Backfills backfills;
    private long lookedAt = System.nanoTime() - LOOK_NANOS;

    public KeySweeper(Backfills backfills) {
        this.backfills = backfills;
    }

    /**
     * Deletes the next piece, if there is one.
     *
     * @param stop not needed: a piece is small
     * @return whether there may be more
     */
    public boolean next(CountDownLatch stop) {
        if (System.nanoTime() - lookedAt < LOOK_NANOS) {
            return false;
        }
        boolean more = backfills.sweep();
        if (!more) {
            lookedAt = System.nanoTime();
        }
        return more;
    }
}
