package ai.flameup.sync.app;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Fence;
import ai.flameup.sync.source.Markers;
import ai.flameup.sync.source.Scan;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.state.Backfill;
import java.util.List;
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

    private final Database database;
    private final Table table;
    private final Fence fence;
    private final Markers markers;
    private final Pipeline pipeline;
    private final Retrying retrying;
    private final Rereading rereading;
    private final Semaphore asked = new Semaphore(0);
    private final Consumer<Throwable> failed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    Scanning(
            Database database,
            Table table,
            Fence fence,
            Markers markers,
            Pipeline pipeline,
            Retrying retrying,
            Rereading rereading,
            Consumer<Throwable> failed) {
        this.database = database;
        this.table = table;
        this.fence = fence;
        this.markers = markers;
        this.pipeline = pipeline;
        this.retrying = retrying;
        this.rereading = rereading;
        this.failed = failed;
    }

    /** How many rows a scan of the table reads, roughly. */
    long estimate() {
        return Scan.estimate(database);
    }

    void start(List<Backfill> backfills) {
        Thread started = new Thread(() -> run(backfills), "scan");
        thread = started;
        started.start();
    }

    private void run(List<Backfill> backfills) {
        try {
            for (Backfill backfill : backfills) {
                scan(backfill);
            }
            while (stop.getCount() > 0) {
                readByKeys();
                if (asked.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    asked.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            failed.accept(failure);
        }
    }

    private void scan(Backfill backfill) throws InterruptedException {
        Scan scan = new Scan(backfill.id(), database, table, fence, markers);
        RowKey[] after = {backfill.lastKey()};
        boolean more = true;
        while (more && stop.getCount() > 0) {
            readByKeys();
            more = patiently("Backfill " + backfill.id(), () -> {
                after[0] = scan.next(after[0], stop);
                return after[0] != null;
            });
        }
        if (stop.getCount() == 0) {
            return;
        }
        pipeline.scanEnd(backfill.id());
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
        while (stop.getCount() > 0) {
            pipeline.awaitFenceRoom();
            try {
                return step.take();
            } catch (Fault fault) {
                if (!Database.isPassing(fault)) {
                    throw fault;
                }
                LOG.warn("{} waits: {}", what, fault.getMessage());
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
