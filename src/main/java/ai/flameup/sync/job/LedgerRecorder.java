package ai.flameup.sync.job;

import ai.flameup.sync.pipeline.Action;
import ai.flameup.sync.pipeline.Event;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.update.StateUpdate;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Stores ledger entries in the order of all actions, so that none is stored after the position that covers it. For one thread.
 */
final class LedgerRecorder {
    /** So many accepted states are sent again at most by the process after a kill, besides those of one commit. */
    private static final int MAX_WAITING = 256;

    private final StateWriter writer;
    private long last;
    private long confirmed;
    /** Entries since the writer was last asked to commit at once. */
    private int waiting;

    private boolean isAwaited;

    LedgerRecorder(StateWriter writer) {
        this.writer = writer;
    }

    void add(Action.StoreEntry store) {
        writer.add(new StateUpdate.LedgerChanged(store.userId(), store.entry(), Instant.now()));
        last = store.number();
        waiting++;
    }

    /** An upsert waits for what was added so far. */
    void storeSoon() {
        isAwaited = true;
    }

    /**
     * Asks for the confirmation of this turn's entries.
     *
     * @param events takes it, from any thread
     */
    void endTurn(Consumer<Event> events) {
        if (last == confirmed && !isAwaited) {
            return;
        }
        long number = last;
        Runnable stored = () -> events.accept(new Event.EntriesStored(number));
        if (isAwaited || waiting >= MAX_WAITING) {
            writer.addUrgent(List.of(), stored);
            waiting = 0;
        } else {
            writer.add(List.of(), stored);
        }
        confirmed = number;
        isAwaited = false;
    }
}
