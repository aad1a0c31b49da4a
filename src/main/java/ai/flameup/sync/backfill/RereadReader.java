package ai.flameup.sync.backfill;

import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.StoredKey;
import ai.flameup.sync.state.update.StateUpdate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads rows again: changes did not contain their whole rows, or take addresses. The rows of those who hold the addresses are read
 * in the same snapshot. One thread calls {@link #next}; the other methods may be called from any thread.
 */
public final class RereadReader {
    private final StateStore store;
    private final StateWriter writer;
    private final StoredKeys keys;
    /** Initially true, because earlier processes may have left keys. */
    private final AtomicBoolean asked = new AtomicBoolean(true);

    /** @param order by a ledger of this thread */
    public RereadReader(StateStore store, StateWriter writer, FencedTable table, ReleaseOrder order) {
        this.store = store;
        this.writer = writer;
        this.keys = new StoredKeys(this::page, KeyRange::progress, table.rereads(), new HolderRows(table, order));
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
        return asked.getAndSet(false) && keys.next(stop) != null;
    }

    private List<StoredKey> page(long afterId, int limit) {
        writer.flush();
        List<StoredKey> rows = store.deferredRows().page(afterId, limit);
        if (!rows.isEmpty()) {
            asked.set(true);
            writer.add(new StateUpdate.RereadStarted(
                    rows.stream().map(StoredKey::key).toList(), Instant.now()));
        }
        return rows;
    }
}
