package ai.flameup.sync.app;

import ai.flameup.sync.fault.ExitCode;
import java.util.concurrent.CountDownLatch;

/** How long a run goes on: until somebody stops it, and a finite one until its deadline at most. Thread-safe. */
final class Patience {
    private final SyncJob.Options options;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final long start = System.nanoTime();

    Patience(SyncJob.Options options) {
        this.options = options;
    }

    /** Counted down by whoever stops the run. */
    CountDownLatch stop() {
        return stop;
    }

    boolean isStopped() {
        return stop.getCount() == 0;
    }

    boolean isGivenUp() {
        return isStopped()
                || (options.untilCaughtUp()
                        && System.nanoTime() - start > options.deadline().toNanos());
    }

    /** Where nothing has begun there is no progress but the time that it takes. */
    boolean isStalled(long since) {
        return options.untilCaughtUp()
                && System.nanoTime() - since > options.stallTimeout().toNanos();
    }

    /** What a run ends with that was given up. */
    ExitCode code() {
        return options.untilCaughtUp() ? ExitCode.TRY_LATER : ExitCode.DONE;
    }
}
