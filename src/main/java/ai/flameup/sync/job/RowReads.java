package ai.flameup.sync.job;

import ai.flameup.sync.backfill.BackfillReader;
import ai.flameup.sync.backfill.FencedTable;
import ai.flameup.sync.backfill.KeySweeper;
import ai.flameup.sync.backfill.ReadScheduler;
import ai.flameup.sync.backfill.RereadReader;
import ai.flameup.sync.backfill.RetryReader;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The reads of rows beside the stream, which take turns. Thread-safe. */
final class RowReads {
    private final RetryReader retries;
    private final RereadReader rereads;
    private final BackfillReader backfills;
    private final ReadScheduler scheduler;

    /** @param end fails if a read does */
    RowReads(RunRecords records, FencedTable table, Pipeline pipeline, RunEnd end) {
        StateStore store = records.store();
        StateWriter writer = records.writer();
        this.retries = new RetryReader(store, writer, table.retries(), pipeline);
        this.rereads = new RereadReader(store, writer, table.rereads());
        this.backfills = new BackfillReader(store, writer, table, pipeline, records.counters());
        this.scheduler = new ReadScheduler(
                pipeline::awaitFenceRoom,
                List.of(
                        new ReadScheduler.Cause("Reading rows again", rereads::next),
                        new ReadScheduler.Cause("The retry of dead letters", retries::next),
                        new ReadScheduler.Cause("The backfill", backfills::next),
                        new ReadScheduler.Cause("The deletion of keys", new KeySweeper(store.backfills())::next)),
                end::fail);
    }

    RetryReader retries() {
        return retries;
    }

    /** Whether no row waits to be read again. */
    boolean isRereadDone() {
        return rereads.isDone();
    }

    void start() {
        scheduler.start();
    }

    /** A key was stored whose row has to be read again. */
    void requestReread() {
        rereads.request();
        scheduler.request();
    }

    /** Stops reading. Returns whether it has ended, which is not waited for past the limit if the run is given up. */
    boolean stop(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        return scheduler.stop(isGivenUp, limit);
    }

    /** Cancels the search for the rows of a condition; after {@link #stop}. Returns as {@link #stop} does. */
    boolean stopSearch(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        return AbandonableTask.run("search", backfills::close, isGivenUp, limit);
    }
}
