package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.LedgerEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ledger entries on their way into the store. For one thread.
 *
 * <p>INVARIANT: no state of a person is sent before the store has everything that an earlier answer has shown of the
 * person. So after a crash, at most the newest state that was sent is unknown to the store, and {@link InFlightLog} has
 * that one.
 */
final class LedgerUpdates {
    private final ConflictGraph graph;
    private final List<Action> actions;
    private final Deque<Unstored> unstored = new ArrayDeque<>();
    private final Deque<Following> following = new ArrayDeque<>();
    /** The upserts whose turn it is, and that wait until the store has the newest entry of their person. */
    private final Map<Person, PendingUpsert> waiting = new HashMap<>();

    private long numbers;

    private record Unstored(long number, Person person) {}

    /** What is to be done once the store has the entry of this number. */
    private record Following(long number, Action action) {}

    LedgerUpdates(ConflictGraph graph, List<Action> actions) {
        this.graph = graph;
        this.actions = actions;
    }

    /** Stores the newest entry of the person. */
    void store(Person person, LedgerEntry entry) {
        // INVARIANT: a person is remembered until the store has its entry, because the store is asked next time.
        person.entry(entry);
        unstored.add(new Unstored(++numbers, person));
        actions.add(new Action.StoreEntry(numbers, person.userId(), entry));
    }

    /** The upsert, whose turn it is, waits until the store has the newest entry of its person. */
    void await(PendingUpsert upsert) {
        upsert.block();
        waiting.put(upsert.person(), upsert);
        actions.add(Action.STORE_NOW);
    }

    /** Once the store has every entry so far, this is to be done. */
    void whenStored(Action action) {
        if (unstored.isEmpty()) {
            actions.add(action);
        } else {
            following.add(new Following(numbers, action));
        }
    }

    /**
     * The store has every entry up to this number.
     *
     * @param freed takes the upserts that waited for them
     */
    void stored(long number, Deque<PendingUpsert> freed) {
        while (!unstored.isEmpty() && unstored.element().number <= number) {
            Person person = unstored.remove().person;
            PendingUpsert upsert = person.stored() ? waiting.remove(person) : null;
            graph.forgetIfUnused(person);
            if (upsert != null) {
                upsert.unblock();
                freed.add(upsert);
            }
        }
        while (!following.isEmpty() && following.element().number <= number) {
            actions.add(following.remove().action);
        }
    }

    /** Returns the number of entries that the store does not have yet. */
    int unstored() {
        return unstored.size();
    }

    /** Whether an upsert waits for the store. */
    boolean isAnyAwaited() {
        return !waiting.isEmpty();
    }
}
