package ai.flameup.sync.job;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When a run ends: when it is stopped, and a finite run at its deadline at the latest. Thread-safe. */
final class RunDeadline {
    private static final Logger LOG = LoggerFactory.getLogger(RunDeadline.class);

    private final RunOptions options;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final long start = System.nanoTime();
    private volatile boolean closing;
    private long progress = -1;
    private long progressAt = start;

    RunDeadline(RunOptions options) {
        this.options = options;
    }

    /** Counted down to stop the run. */
    CountDownLatch stop() {
        return stop;
    }

    boolean isStopped() {
        return stop.getCount() == 0;
    }

    boolean isGivenUp() {
        return isStopped() || isPastDeadline();
    }

    /** Whether the run is closing: it waits for requests in flight, and each other wait has its own limit. */
    boolean isClosing() {
        return closing;
    }

    void closing(boolean now) {
        closing = now;
    }

    /** The deadline counts from the start of the process; a restarted stream does not extend it. */
    boolean isPastDeadline() {
        return options.untilCaughtUp()
                && System.nanoTime() - start > options.limits().deadline().toNanos();
    }

    /** Waits until the run is given up. */
    void awaitGivenUp() throws InterruptedException {
        if (options.untilCaughtUp()) {
            long left = options.limits().deadline().toNanos() - (System.nanoTime() - start);
            if (!stop.await(left, TimeUnit.NANOSECONDS)) {
                return;
            }
        }
        stop.await();
    }

    /**
     * Whether an operation that reports no progress has taken longer than the stall limit.
     *
     * @param since its start, by {@link System#nanoTime}
     */
    boolean isStalled(long since) {
        return options.untilCaughtUp()
                && System.nanoTime() - since > options.limits().stall().toNanos();
    }

    /**
     * The time since the last progress, in nanoseconds. A restarted stream is no progress.
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

    /** Whether a fault of Postgres only shows that the server did not respond before the run was given up. */
    boolean isGivenUpBy(Fault fault) {
        boolean givenUp = isGivenUp() && fault.exitCode() == ExitCode.POSTGRES;
        if (givenUp) {
            LOG.info("Stopped. Last problem: {}", fault.getMessage());
        }
        return givenUp;
    }

    /** The exit code of a run that was given up. */
    ExitCode code() {
        return options.untilCaughtUp() ? ExitCode.TRY_LATER : ExitCode.DONE;
    }
}
