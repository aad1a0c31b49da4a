package ai.flameup.sync.backfill;

import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.source.fence.PersonLookup;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.DeferredDelete;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Reads the rows of deferred changes, and looks for persons whose deletes were deferred. One thread calls {@link #next}; the other
 * methods may be called from any thread.
 */
public final class DeferredReader {
    private static final int DELETES_PER_PAGE = 500;

    private final StateStore store;
    private final StateWriter writer;
    private final StoredKeys changes;
    private final PersonLookup deletes;
    private final Pipeline pipeline;
    /** The time of each delete of the page that is on its way through the fence. */
    private volatile Map<String, Instant> deletedAt = Map.of();
    /** The number of the newest key to read; the store may not have it yet. 0 stands for those of earlier processes. */
    private volatile long newest;
    /** Up to this number, every key is read and settled. Written by the reading thread. */
    private volatile long settled;

    private long lastDelete;

    public DeferredReader(StateStore store, StateWriter writer, FencedTable table, Pipeline pipeline) {
        this.store = store;
        this.writer = writer;
        this.changes = new StoredKeys(
                store.deferredChanges()::changes,
                KeyRange::progress,
                table.deferredChanges(),
                KeyLookup.Extension.NONE);
        this.deletes = table.deferredDeletes();
        this.pipeline = pipeline;
        this.settled = isEmpty() ? 0 : -1;
    }

    /** A key is being stored. */
    public void stored(long number) {
        newest = number;
    }

    /**
     * Reads the next page, if there is one.
     *
     * @return whether there was one
     */
    public boolean next(CountDownLatch stop) throws InterruptedException {
        if (settled == newest) {
            return false;
        }
        boolean hasDeletes = nextDeletes(stop);
        boolean isRead = changes.next(stop) != null || hasDeletes;
        if (!isRead) {
            endIfEmpty();
        }
        return isRead;
    }

    private boolean nextDeletes(CountDownLatch stop) throws InterruptedException {
        List<DeferredDelete> page = store.deferredChanges().deletes(lastDelete, DELETES_PER_PAGE);
        if (page.isEmpty()) {
            return false;
        }
        Map<String, Instant> times = new HashMap<>();
        page.forEach(delete -> times.put(delete.userId(), delete.at()));
        deletedAt = times;
        long last = page.get(page.size() - 1).id();
        List<String> users = page.stream().map(DeferredDelete::userId).toList();
        boolean isRead = deletes.read(users, KeyRange.progress(page.get(0).id(), last), stop);
        if (isRead) {
            lastDelete = last;
        }
        return isRead;
    }

    /** Returns when the row of a person without a row was deleted. */
    public Instant deletedAt(String userId) {
        return deletedAt.getOrDefault(userId, Instant.now());
    }

    /** Tells the pipeline once everything is settled. */
    private void endIfEmpty() {
        long number = newest;
        if (isEmpty()) {
            writer.flush();
            if (isEmpty()) {
                settled = number;
                pipeline.nothingToRead(number);
            }
        }
    }

    private boolean isEmpty() {
        // In this order: a search stores keys before it ends.
        return store.searches().isEmpty()
                && store.deferredChanges().isEmpty()
                && store.deferredRows().isEmpty();
    }
}
