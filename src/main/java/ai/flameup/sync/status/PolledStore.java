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
    private @Nullable StateStore store;

    PolledStore(Path directory) {
        store = StateStore.openShared(directory);
    }

    /** Reads a summary, unless the store is closed. */
    synchronized void read(Consumer<StoreSummary> to) {
        if (store != null) {
            to.accept(StoreSummary.read(store));
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
