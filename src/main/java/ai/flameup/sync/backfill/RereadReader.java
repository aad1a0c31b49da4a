package ai.flameup.sync.backfill;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.DeferredRow;
import ai.flameup.sync.state.update.StateUpdate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads rows again through the fence, a page at a time: changes did not contain their whole rows, or take addresses. Those who
 * hold the addresses are read in the same snapshot. The keys stay in the store until the rows are settled. One thread calls
 * {@link #next}; the other methods may be called from any thread.
 */
public final class RereadReader {
    private final StateStore store;
    private final StateWriter writer;
    private final KeyLookup lookup;
    private final HolderRows holders;
    private final PageSize page = new PageSize();
    /** Initially true, because earlier processes may have left keys. */
    private final AtomicBoolean asked = new AtomicBoolean(true);

    private long last;

    /** @param order by a ledger of this thread */
    public RereadReader(StateStore store, StateWriter writer, FencedTable table, ReleaseOrder order) {
        this.store = store;
        this.writer = writer;
        this.lookup = table.rereads();
        this.holders = new HolderRows(table, order);
    }

    /** A key is being stored. */
    public void request() {
        asked.set(true);
    }

    /**
     * Reads the next page, if there is one.
     *
     * @return whether there was one
     */
    public boolean next(CountDownLatch stop) throws InterruptedException {
        if (!asked.getAndSet(false)) {
            return false;
        }
        writer.flush();
        List<DeferredRow> rows = store.deferredRows().page(last, page.rows());
        if (rows.isEmpty()) {
            return false;
        }
        asked.set(true);
        long from = rows.get(0).id();
        List<RowKey> keys = rows.stream().map(DeferredRow::key).toList();
        writer.add(new StateUpdate.RereadStarted(keys, Instant.now()));
        KeyLookup.Found found = lookup.read(
                keys, covered -> progress(from, rows.get(covered - 1).id()), holders, stop);
        if (found == null) {
            return false;
        }
        last = rows.get(found.covered() - 1).id();
        page.read(keys.size(), found.covered());
        return true;
    }

    /** Whether every deferred row is read and settled. */
    public boolean isDone() {
        writer.flush();
        return store.deferredRows().isEmpty();
    }

    private static RowKey progress(long from, long to) {
        return RowKey.of(List.of(Long.toString(from), Long.toString(to)));
    }

    /** The update that settles a page. */
    public static StateUpdate settled(RowKey progress) {
        List<String> ids = progress.values();
        return new StateUpdate.RereadDone(Long.parseLong(ids.get(0)), Long.parseLong(ids.get(1)));
    }
}
