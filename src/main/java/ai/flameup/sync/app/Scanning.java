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
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works off the backfills, one after the other, on a thread of its own, as fast as the pipeline takes them. */
final class Scanning {
    private static final Logger LOG = LoggerFactory.getLogger(Scanning.class);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long MOST_PAUSE_MILLIS = 15_000;

    private final Database database;
    private final Table table;
    private final Fence fence;
    private final Markers markers;
    private final Pipeline pipeline;
    private final Consumer<Fault> trouble;
    private final Consumer<Throwable> broken;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    Scanning(
            Database database,
            Table table,
            Fence fence,
            Markers markers,
            Pipeline pipeline,
            Consumer<Fault> trouble,
            Consumer<Throwable> broken) {
        this.database = database;
        this.table = table;
        this.fence = fence;
        this.markers = markers;
        this.pipeline = pipeline;
        this.trouble = trouble;
        this.broken = broken;
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
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Fault fault) {
            trouble.accept(fault);
        } catch (RuntimeException bug) {
            broken.accept(bug);
        }
    }

    private void scan(Backfill backfill) throws InterruptedException {
        Scan scan = new Scan(backfill.id(), database, table, fence, markers);
        RowKey after = backfill.lastKey();
        long pause = FIRST_PAUSE_MILLIS;
        while (stop.getCount() > 0) {
            pipeline.awaitFenceRoom();
            try {
                RowKey next = scan.next(after, stop);
                if (next == null) {
                    if (stop.getCount() > 0) {
                        pipeline.scanEnd(backfill.id());
                    }
                    return;
                }
                after = next;
                pause = FIRST_PAUSE_MILLIS;
            } catch (Fault fault) {
                if (!Database.isPassing(fault)) {
                    throw fault;
                }
                LOG.warn("Backfill {} waits: {}", backfill.id(), fault.getMessage());
                pause = Math.min(MOST_PAUSE_MILLIS, pause * 2);
                stop.await(pause, TimeUnit.MILLISECONDS);
            }
        }
    }

    void stop() throws InterruptedException {
        stop.countDown();
        Thread started = thread;
        if (started != null) {
            // It may wait for room in the pipeline, which nothing makes any more.
            started.interrupt();
            started.join();
        }
    }
}
