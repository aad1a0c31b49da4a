package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StoreContents;

/** Whether the stream of the server continues from what the store has, by the rules of a run. */
@FunctionalInterface
public interface Continuity {
    /**
     * Requires it. Changes nothing, neither in the store nor at the server.
     *
     * @param store has an identity, which is that of this server
     * @param free whether no process streams from the slot, so that its content can be inspected
     * @throws ai.flameup.sync.fault.Fault 7 if it does not continue; 3 if the server cannot be queried
     */
    void demand(StoreContents store, Database database, Slot slot, boolean free);
}
