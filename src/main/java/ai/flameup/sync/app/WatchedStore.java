package ai.flameup.sync.app;

import ai.flameup.sync.state.StateStore;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store as the status shows it. A look and the closing exclude each other: a store that is closed under a look
 * answers with an internal error. Thread-safe.
 */
final class WatchedStore implements AutoCloseable {
    private @Nullable StateStore store;

    WatchedStore(Path directory) {
        store = StateStore.openBeside(directory);
    }

    /** Looks, unless it is closed. */
    synchronized void look(Consumer<Stored> to) {
        if (store != null) {
            to.accept(Stored.look(store));
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
