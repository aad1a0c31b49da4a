package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.resume.TableWatch;
import ai.flameup.sync.source.slot.Slot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The position up to which the slot may be acknowledged: stored, and not past the last check of the table's name.
 * Thread-safe.
 */
final class SlotProgress {
    private static final Logger LOG = LoggerFactory.getLogger(SlotProgress.class);

    private final Slot slot;
    private final TableWatch table;
    private final RunEnd end;
    private volatile Lsn stored;

    /**
     * @param stored the stored position
     * @param end restarts if the table was altered
     */
    SlotProgress(Slot slot, TableWatch table, RunEnd end, Lsn stored) {
        this.slot = slot;
        this.table = table;
        this.end = end;
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

    Lsn acknowledgeable() {
        Lsn position = stored;
        Lsn checked = table.upTo();
        return position.isAfter(checked) ? checked : position;
    }

    /** Checks the table. If it was altered, the run has to be prepared again. */
    boolean isUnaltered() {
        boolean unaltered = table.check();
        if (!unaltered) {
            end.restart();
        }
        return unaltered;
    }

    /** Checks the table once more, and advances the slot. */
    void advanceSlot() {
        if (!isUnaltered()) {
            LOG.debug("The table was altered: the slot stays where the last check was");
        }
        slot.advance(acknowledgeable());
    }

    /** Stops the check that is under way. */
    void close() {
        table.close();
    }
}
