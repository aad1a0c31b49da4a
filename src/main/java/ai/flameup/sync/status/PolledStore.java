package ai.flameup.sync.status;

import ai.flameup.sync.state.StateStore;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the store for the status. Reading and closing exclude each other, because a store that is closed during a query
 * fails with an internal error. Thread-safe.
 */
final class PolledStore implements AutoCloseable {
    /** Counting persons who share an address reads the whole ledger: it takes this part of the time at most. */
    private static final int COUNT_PART = 50;

    private @Nullable StateStore store;
    private long sharedEmails;
    private long countAt = System.nanoTime();

    PolledStore(Path directory) {
        store = StateStore.openShared(directory);
    }

    /** Reads a summary, unless the store is closed. */
    synchronized void read(Consumer<StoreSummary> to) {
        if (store != null) {
            countIfDue(store);
            to.accept(StoreSummary.read(store, sharedEmails));
        }
    }

    private void countIfDue(StateStore from) {
        long start = System.nanoTime();
        if (start - countAt >= 0) {
            sharedEmails = from.persons().sharing();
            long end = System.nanoTime();
            countAt = end + COUNT_PART * (end - start);
        }
    }

    @Override
    public synchronized void close() {
        StateStore open = store;
        store = null;
        if (open != null) {
            open.close();
        }
    }
}
