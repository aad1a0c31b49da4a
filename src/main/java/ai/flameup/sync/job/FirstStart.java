package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.resume.UnclaimedSlot;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotContent;
import ai.flameup.sync.source.slot.SlotState;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first start of a store, from a new slot or from an existing one of the sidecar. For one thread. */
final class FirstStart {
    private static final Logger LOG = LoggerFactory.getLogger(FirstStart.class);

    private final Settings settings;
    private final StateStore store;
    private final UnclaimedSlot unclaimed;
    private final SlotContent content;
    private final Slot slot;
    private final RunDeadline deadline;
    private final boolean takesOverSlot;

    /** @param takesOverSlot as in {@link RunOptions} */
    FirstStart(
            StateStore store,
            UnclaimedSlot unclaimed,
            SlotContent content,
            RunDeadline deadline,
            boolean takesOverSlot) {
        this.settings = unclaimed.settings();
        this.store = store;
        this.unclaimed = unclaimed;
        this.content = content;
        this.slot = unclaimed.slot();
        this.deadline = deadline;
        this.takesOverSlot = takesOverSlot;
    }

    /**
     * Creates the slot if needed, and gives the store its position, and the first load before it.
     *
     * @param survey finds the addresses of persons that Flameup has already
     * @return whether the store has a position; false if the run ended before
     * @throws Fault 2 if the slot was read before
     */
    boolean begin(Identity identity, Table table, AddressSurvey survey) throws InterruptedException {
        slot.publication().ensure();
        // Read before the slot is created, so that a later replacement is detected.
        String publication = slot.publication().check(table.stored()).text();
        Optional<SlotState> seen = slot.awaitIdle(deadline.stop());
        if (!takesOverSlot) {
            unclaimed.check();
        }
        if (seen.filter(this::isOlderThanPublication).isPresent()) {
            if (!settings.firstLoad()) {
                throw new Fault(
                        ExitCode.GAP,
                        ("Postgres: slot %s is older than the publication, so changes made before the publication cannot be read,"
                                        + " and with delivery.first-load: none no row would be loaded instead. Set it to all, or drop the"
                                        + " slot with `flameup-sync teardown --slot-only` and start again")
                                .formatted(settings.postgres().slot()));
            }
            LOG.info(
                    "Recreating slot {}: it is older than the publication, and nothing was delivered from it yet",
                    settings.postgres().slot());
            slot.drop();
            seen = Optional.empty();
        }
        Lsn begin;
        boolean first = true;
        if (seen.isEmpty()) {
            Optional<Lsn> made = make();
            if (made.isEmpty()) {
                return false;
            }
            begin = made.get();
        } else {
            Lsn confirmed = seen.get().confirmed();
            if (seen.get().active()) {
                return false;
            }
            if (!seen.get().usable() || confirmed == null) {
                throw new Fault(
                        ExitCode.GAP,
                        "Postgres: slot %s was invalidated by the server, and the store is empty. Drop the slot and start again"
                                .formatted(settings.postgres().slot()));
            }
            begin = confirmed;
            first = slot.history().isUntouched(begin);
            if (!first) {
                LOG.info(
                        "The store is empty, but slot {} exists: continuing from its position",
                        settings.postgres().slot());
            }
        }
        // Before the store has its position, so that a killed process does it again.
        if ((!settings.firstLoad() || !first) && !survey.run(deadline::isGivenUp)) {
            return false;
        }
        if (!settings.firstLoad()) {
            LOG.info(
                    "delivery.first-load is none: existing rows are sent when they change. `flameup-sync backfill start"
                            + " --all` sends all of them");
        } else if (store.backfills().open().stream().noneMatch(one -> one.kind().isNeeded())) {
            store.backfills().add(first ? Backfill.Kind.FIRST_LOAD : Backfill.Kind.RELOAD, null, "first start");
        }
        store.adopt(identity, publication, begin);
        return true;
    }

    private boolean isOlderThanPublication(SlotState seen) {
        return slot.advances() && seen.usable() && !seen.active() && content.isOlderThanPublication();
    }

    /** Creates the slot; empty if that was given up. */
    Optional<Lsn> make() throws InterruptedException {
        long since = System.nanoTime();
        Optional<Lsn> made = slot.creation().create(() -> deadline.isGivenUp() || deadline.isStalled(since));
        if (made.isEmpty() && !deadline.isStopped() && deadline.isStalled(since)) {
            throw slot.creation().timedOut();
        }
        return made;
    }
}
