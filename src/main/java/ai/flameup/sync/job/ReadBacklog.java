package ai.flameup.sync.job;

import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.DeferredChanges;
import org.jspecify.annotations.Nullable;

/**
 * The rows to read when a finite run has reached its marker. Changes may add rows all the time, and the run does not wait for all of
 * them. It notes the present rows, waits until they are read, and repeats this, because a read may lead to a few further reads.
 * For one thread.
 */
final class ReadBacklog {
    private static final int ROUNDS = 10;

    private final StateStore store;
    private final StateWriter writer;
    private int rounds;
    /** The newest change whose rows have to be found; negative before a round. */
    private long newestSearch = -1;

    private long newestRow;
    /** The newest deferred changes, including those that were found; null until all are. */
    private DeferredChanges.@Nullable Newest newest;

    ReadBacklog(StateStore store, StateWriter writer) {
        this.store = store;
        this.writer = writer;
    }

    /** Whether everything is read and settled that was to be read at the first call. */
    boolean isRead() {
        writer.flush();
        // In this order: a search stores keys before it ends, and a deferred row may have to be read again.
        boolean isEmpty = store.searches().isEmpty()
                && store.deferredChanges().isEmpty()
                && store.deferredRows().isEmpty();
        if (!isEmpty && isRoundOver()) {
            rounds++;
            newestSearch = -1;
            newest = null;
        }
        return isEmpty || rounds >= ROUNDS;
    }

    private boolean isRoundOver() {
        if (newestSearch < 0) {
            newestSearch = store.searches().newest();
        }
        if (newest == null && store.searches().isEmptyUpTo(newestSearch)) {
            newestRow = store.deferredRows().newest();
            newest = store.deferredChanges().newest();
        }
        return newest != null
                && store.deferredRows().isEmptyUpTo(newestRow)
                && store.deferredChanges().isEmptyUpTo(newest);
    }
}
