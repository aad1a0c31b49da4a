package ai.flameup.sync.status;

import ai.flameup.sync.state.StateStore;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The store as the status shows it. A look and the closing exclude each other: a store that is closed under a look
 * answers with an internal error. Thread-safe.
 */
final class PolledStore implements AutoCloseable {
    private @Nullable StateStore store;

    PolledStore(Path directory) {
        store = StateStore.openBeside(directory);
    }

    /** Looks, unless it is closed. */
    synchronized void look(Consumer<StoreSummary> to) {
        if (store != null) {
            to.accept(StoreSummary.look(store));
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
