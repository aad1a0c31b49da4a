package ai.flameup.sync.doctor;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StoreLook;

/** Whether the server that answers goes on from what the store has, by the rules of a run. */
@FunctionalInterface
public interface Continuity {
    /**
     * Changes nothing, neither of the store nor at the server.
     *
     * @param store has an identity, which is of this server
     * @param free whether nobody streams from the slot, so that what it holds can be looked at
     * @throws ai.flameup.sync.fault.Fault 7 where it does not; 3 where the server cannot be asked
     */
    void demand(StoreLook store, Database database, Slot slot, boolean free);
}
