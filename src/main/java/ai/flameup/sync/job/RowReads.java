package ai.flameup.sync.job;

import ai.flameup.sync.backfill.BackfillReader;
import ai.flameup.sync.backfill.DeferredReader;
import ai.flameup.sync.backfill.FencedTable;
import ai.flameup.sync.backfill.KeySweeper;
import ai.flameup.sync.backfill.ReadScheduler;
import ai.flameup.sync.backfill.ReleaseOrder;
import ai.flameup.sync.backfill.RereadReader;
import ai.flameup.sync.backfill.RetryReader;
import ai.flameup.sync.backfill.SearchReader;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.update.StateUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** The reads of rows beside the stream, which take turns. Thread-safe. */
final class RowReads {
    private final StateWriter writer;
    private final RetryReader retries;
    private final SearchReader searches;
    private final RereadReader rereads;
    private final DeferredReader deferred;
    private final BackfillReader backfills;
    private final StoredLedger ledger;
    private final ReadBacklog backlog;
    private final ReadScheduler scheduler;
    /** A separate thread, because a search without an index may take minutes. */
    private final ReadScheduler searching;

    /**
     * @param tables makes the table for a consumer of keys that are read again
     * @param end fails if a read does
     * @param sendsExistingRows as for {@link SearchReader}
     */
    RowReads(
            RunRecords records,
            Function<Consumer<RowKey>, FencedTable> tables,
            Pipeline pipeline,
            RunEnd end,
            boolean sendsExistingRows) {
        StateStore store = records.store();
        FencedTable table = tables.apply(this::requestReread);
        this.writer = records.writer();
        this.ledger = new StoredLedger(store);
        this.backlog = new ReadBacklog(store, writer);
        this.retries = new RetryReader(store, writer, table.retries(), pipeline);
        this.rereads = new RereadReader(store, writer, table, new ReleaseOrder(ledger));
        this.deferred = new DeferredReader(store, writer, table, pipeline);
        this.backfills = new BackfillReader(store, writer, table, pipeline, records.counters());
        this.searches = new SearchReader(store, writer, table, this::requestReread, sendsExistingRows);
        this.searching = new ReadScheduler(
                "search",
                List.of(new ReadScheduler.Cause("The search for rows", () -> true, searches::next)),
                end::fail);
        this.scheduler = new ReadScheduler(
                "scan",
                List.of(
                        new ReadScheduler.Cause("Reading rows again", pipeline::hasUrgentRoom, rereads::next),
                        new ReadScheduler.Cause("Reading deferred rows", pipeline::hasRowRoom, deferred::next),
                        new ReadScheduler.Cause("The retry of dead letters", pipeline::hasRowRoom, retries::next),
                        new ReadScheduler.Cause("The backfill", pipeline::hasRowRoom, backfills::next),
                        new ReadScheduler.Cause(
                                "The deletion of keys", () -> true, new KeySweeper(store.backfills())::next)),
                end::fail);
        pipeline.onRoom(scheduler::request);
    }

    /** Returns when the row of a person without a row was deleted. */
    Instant deletedAt(long scan, String userId) {
        return scan == KeyLookup.DEFERRED_DELETES ? deferred.deletedAt(userId) : Instant.now();
    }

    /** The kinds of requests to read rows. */
    enum Kind {
        /** A row, at once. */
        AT_ONCE,
        /** A row, behind live changes. */
        DEFERRED,
        /** The rows that a change of a watched table concerns, which have to be found. */
        TO_FIND
    }

    /** Wakes the reader of a request that is being stored. */
    void stored(long number, Kind kind) {
        deferred.stored(number);
        switch (kind) {
            case AT_ONCE -> requestReread();
            case DEFERRED -> {}
            case TO_FIND -> {
                searches.request();
                searching.request();
            }
        }
    }

    RetryReader retries() {
        return retries;
    }

    /** Whether no row waits to be read again that has waited at the first call. To be called by one thread. */
    boolean isRereadDone() {
        return backlog.isRead();
    }

    void start() {
        scheduler.start();
        searching.start();
    }

    /** A row was changed again and again while it was read. */
    private void requestReread(RowKey key) {
        writer.add(new StateUpdate.RereadRequested(key));
        requestReread();
    }

    private void requestReread() {
        rereads.request();
        scheduler.request();
    }

    /** Stops reading. Returns whether it has ended, which is not waited for past the limit if the run is given up. */
    boolean stop(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        searching.requestStop();
        boolean isReadEnded = scheduler.stop(isGivenUp, limit);
        return searching.stop(isGivenUp, limit) && isReadEnded;
    }

    /** Cancels the search for the rows of a condition; after {@link #stop}. Returns as {@link #stop} does. */
    boolean stopSearch(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        return AbandonableTask.run("search", backfills::close, isGivenUp, limit);
    }

    /** After {@link #stop}, which may not have waited for the end. */
    void close() {
        ledger.close();
    }
}
