package ai.flameup.sync.resume;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.slot.Slot;

/**
 * The slot of an empty store. If the slot was read before, it belongs to another store, most often because
 * {@code state.directory} is wrong: a run would advance it, and the other store would have a gap. For one thread.
 */
public record UnclaimedSlot(Settings settings, Slot slot) {
    /**
     * As {@link #check(Lsn)}, for the current slot. Ignores a slot in use or an invalidated one, which the run reports.
     *
     * @throws Fault 2 if it was read before
     */
    public void check() {
        slot.inspect().filter(seen -> seen.usable() && !seen.active()).ifPresent(seen -> {
            if (seen.confirmed() != null) {
                check(seen.confirmed());
            }
        });
    }

    /**
     * @param confirmed how far the slot was acknowledged
     * @throws Fault 2 if it was read before
     */
    public void check(Lsn confirmed) {
        if (slot.history().wasRead(confirmed)) {
            throw new Fault(
                    ExitCode.USAGE,
                    ("the store in %s is empty, but slot %s was read before, up to %s, and belongs to another store."
                                    + " Set state.directory or STATE_DIRECTORY to that store's directory. If that store is lost,"
                                    + " `%s` takes the slot over and sends every row again")
                            .formatted(
                                    settings.stateDirectory(),
                                    settings.postgres().slot(),
                                    confirmed,
                                    "flameup-sync run --yes"));
        }
    }
}
