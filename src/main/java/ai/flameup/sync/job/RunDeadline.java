package ai.flameup.sync.job;

import ai.flameup.sync.fault.ExitCode;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How long a run goes on: until somebody stops it, and a finite one until its deadline at most. Thread-safe. */
final class RunDeadline {
    private final RunOptions options;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final long start = System.nanoTime();
    private volatile boolean closing;
    private long progress = -1;
    private long progressAt = start;

    RunDeadline(RunOptions options) {
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
        return isStopped() || isPastDeadline();
    }

    /** Whether the run is closing: it waits for requests in flight, and each of its other waits has a limit of its own. */
    boolean isClosing() {
        return closing;
    }

    void closing(boolean now) {
        closing = now;
    }

    /** Counted from the start of the process, however often its stream was restarted. */
    boolean isPastDeadline() {
        return options.untilCaughtUp()
                && System.nanoTime() - start > options.limits().deadline().toNanos();
    }

    /** Waits until the run is to end. */
    void awaitGivenUp() throws InterruptedException {
        if (options.untilCaughtUp()) {
            long left = options.limits().deadline().toNanos() - (System.nanoTime() - start);
            if (!stop.await(left, TimeUnit.NANOSECONDS)) {
                return;
            }
        }
        stop.await();
    }

    /** Where nothing has begun there is no progress but the time that it takes. */
    boolean isStalled(long since) {
        return options.untilCaughtUp()
                && System.nanoTime() - since > options.limits().stall().toNanos();
    }

    /**
     * How long it is ago that there was progress, in nanoseconds, however often the stream was restarted since.
     *
     * @param now a number that grows with each progress
     */
    synchronized long sinceProgress(long now) {
        if (now != progress) {
            progress = now;
            progressAt = System.nanoTime();
        }
        return System.nanoTime() - progressAt;
    }

    /** What a run ends with that was given up. */
    ExitCode code() {
        return options.untilCaughtUp() ? ExitCode.TRY_LATER : ExitCode.DONE;
    }
}
