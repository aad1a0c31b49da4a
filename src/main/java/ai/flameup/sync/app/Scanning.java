package ai.flameup.sync.app;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.Database;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads rows for backfills, and those that are asked for by their keys, on a thread of its own, as fast as the pipeline takes them. */
final class Scanning {
    private static final Logger LOG = LoggerFactory.getLogger(Scanning.class);
    /** How soon a request of another process is seen. */
    private static final long LOOK_MILLIS = 500;

    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long MOST_PAUSE_MILLIS = 15_000;

    private final Pipeline pipeline;
    private final Backfilling backfilling;
    private final Retrying retrying;
    private final Rereading rereading;
    private final Semaphore asked = new Semaphore(0);
    private final Consumer<Throwable> failed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    Scanning(
            Pipeline pipeline,
            Backfilling backfilling,
            Retrying retrying,
            Rereading rereading,
            Consumer<Throwable> failed) {
        this.pipeline = pipeline;
        this.backfilling = backfilling;
        this.retrying = retrying;
        this.rereading = rereading;
        this.failed = failed;
    }

    void start() {
        Thread started = new Thread(this::run, "scan");
        thread = started;
        started.start();
    }

    private void run() {
        try {
            while (stop.getCount() > 0) {
                readByKeys();
                boolean more = patiently("The backfill", () -> backfilling.next(stop));
                if (!more && asked.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    asked.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            failed.accept(failure);
        }
    }

    /** A row is to be read again. */
    void ask() {
        rereading.ask();
        asked.release();
    }

    /** Somebody waits for these, so they go before the next chunk of a backfill. */
    private void readByKeys() throws InterruptedException {
        while (stop.getCount() > 0 && patiently("Reading rows again", () -> rereading.next(stop))) {
            LOG.trace("More rows to be read again");
        }
        while (stop.getCount() > 0 && patiently("The retry of dead letters", () -> retrying.next(stop))) {
            LOG.debug("More dead letters to be sent again");
        }
    }

    private interface Step {
        /** Whether there may be more. */
        boolean take() throws InterruptedException;
    }

    /** Takes a step once the pipeline has room, again and again where the server is away. */
    private boolean patiently(String what, Step step) throws InterruptedException {
        long pause = FIRST_PAUSE_MILLIS;
        boolean said = false;
        while (stop.getCount() > 0) {
            pipeline.awaitFenceRoom();
            try {
                return step.take();
            } catch (Fault fault) {
                if (!Database.isPassing(fault)) {
                    throw fault;
                }
                if (!said) {
                    LOG.warn("{} waits: {}", what, fault.getMessage());
                    said = true;
                }
                pause = Math.min(MOST_PAUSE_MILLIS, pause * 2);
                stop.await(pause, TimeUnit.MILLISECONDS);
            }
        }
        return false;
    }

    void stop() throws InterruptedException {
        stop.countDown();
        asked.release();
        Thread started = thread;
        if (started != null) {
            // It may wait for room in the pipeline, which nothing makes any more.
            started.interrupt();
            started.join();
        }
    }
}
