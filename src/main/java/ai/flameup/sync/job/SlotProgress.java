package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.source.slot.Slot;

/** The position up to which the slot may be acknowledged: the store has it. Thread-safe. */
final class SlotProgress {
    private final Slot slot;
    private volatile Lsn stored;

    /** @param stored the stored position */
    SlotProgress(Slot slot, Lsn stored) {
        this.slot = slot;
        this.stored = stored;
    }

    /** The store has the position. A dry run acknowledges nothing. */
    void stored(Lsn position) {
        if (slot.advances()) {
            stored = position;
        }
    }

    Lsn stored() {
        return stored;
    }

    /** Advances the slot. */
    void advanceSlot() {
        slot.advance(stored);
    }
}
