package ai.flameup.sync.backfill;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.rows.KeyFinder;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.pending.Backfills;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.status.Counters;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rows of backfills through the fence, one backfill after the other, a page at a time. Before each page it
 * checks whether the operator has paused or cancelled the backfill. For one thread.
 */
public final class BackfillReader {
    private static final Logger LOG = LoggerFactory.getLogger(BackfillReader.class);

    private final StateStore store;
    private final Backfills backfills;
    private final StateWriter writer;
    private final FencedTable table;
    private final Pipeline pipeline;
    private final Counters counters;
    /** All that were started here: one that was paused continues after the rows that are still on their way. */
    private final Map<Long, BackfillRows> started = new HashMap<>();

    /** A separate thread, because a condition may take the server an hour. */
    private final ExecutorService finder = Executors.newSingleThreadExecutor(task -> new Thread(task, "find-rows"));

    public BackfillReader(
            StateStore store, StateWriter writer, FencedTable table, Pipeline pipeline, Counters counters) {
        this.store = store;
        this.backfills = store.backfills();
        this.writer = writer;
        this.table = table;
        this.pipeline = pipeline;
        this.counters = counters;
    }

    /**
     * Reads the next page, if there is one.
     *
     * @return whether there was one
     */
    public boolean next(CountDownLatch stop) throws InterruptedException {
        Optional<Backfill> turn = backfills.open().stream()
                .filter(one -> one.state() != State.PAUSED)
                .filter(one ->
                        !started.containsKey(one.id()) || !started.get(one.id()).isRead())
                .findFirst();
        if (turn.isEmpty()) {
            return false;
        }
        Backfill backfill = turn.get();
        if (backfill.state() == State.QUEUED && !backfills.start(backfill.id())) {
            return true;
        }
        BackfillRows rows = started.computeIfAbsent(backfill.id(), id -> start(backfill));
        try {
            rows.next(stop);
        } catch (Fault fault) {
            if (stop.getCount() == 0) {
                // A query that is interrupted by the stop fails, which says nothing about the backfill.
                return false;
            }
            // A read of the whole table fails only if the run cannot read any row: it waits until that is fixed.
            if (backfill.kind().isOfWholeTable() || !(PostgresFailures.isOfStatement(fault) || rows.isHopeless())) {
                throw fault;
            }
            fail(backfill, fault);
            return true;
        }
        if (rows.isRead()) {
            pipeline.scanEnd(backfill.id());
        }
        return !rows.isWaiting();
    }

    /** Waits for the search of keys. To be called after the last call of {@link #next}, with its latch down. */
    public void close() throws InterruptedException {
        finder.shutdown();
        while (!finder.awaitTermination(1, TimeUnit.MINUTES)) {
            LOG.debug("Waiting for the server to end the query of a condition");
        }
    }

    private BackfillRows start(Backfill backfill) {
        LOG.info(
                "Backfill {}: id={}, requested_by={}, rows_read={}",
                backfill.lastKey() == null ? "started" : "resumed",
                backfill.id(),
                backfill.requested().by(),
                backfill.tally().rows());
        if (backfill.kind() == Backfill.Kind.GONE) {
            return new GonePersons(store, table, backfill);
        }
        if (!backfill.kind().isByKeys()) {
            return new WholeTableRows(table, backfill);
        }
        KeyFinder keys = new KeyFinder(table.database(), table.table().key());
        return new KeyedRows(backfills, table, backfill, new KeySearch(backfills, backfill, keys, counters, finder));
    }

    private void fail(Backfill backfill, Fault fault) {
        LOG.error("Backfill {} failed: {}", backfill.id(), fault.getMessage());
        counters.backfillFailedOne();
        started.remove(backfill.id());
        writer.add(new StateUpdate.BackfillFailed(backfill.id(), Instant.now(), String.valueOf(fault.getMessage())));
        // Otherwise the next query would still find it open.
        writer.flush();
    }
}
