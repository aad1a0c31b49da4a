package ai.flameup.sync.doctor;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotHistory;
import ai.flameup.sync.source.slot.SlotState;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The slot, and whether it continues what is in the store.
 *
 * @param position the stored one, read before the slot was looked at; null where there is none
 * @param olderThanPublication as {@link SlotHistory#mayBeOlderThanPublication} says of a slot that an empty store is to
 *     begin with
 * @param held whether a run of ours has the state directory
 * @param takeOver the command with which an empty store takes over a slot that was read before
 */
record SlotCheck(
        PostgresSettings settings,
        Slot slot,
        Optional<SlotState> seen,
        @Nullable Lsn position,
        boolean olderThanPublication,
        boolean held,
        String takeOver)
        implements Check {
    static final String NAME = "slot";

    @Override
    public List<Finding> look() {
        if (seen.isEmpty()) {
            if (position != null) {
                throw new Fault(ExitCode.GAP, "slot %s is gone; resync".formatted(settings.slot()));
            }
            return List.of(Finding.ok(
                    NAME,
                    "there is no %s yet; the first run makes it, and loads every row".formatted(settings.slot())));
        }
        return List.of(of(seen.get()));
    }

    private Finding of(SlotState slotSeen) {
        String name = settings.slot();
        if (slotSeen.active()) {
            return held
                    ? Finding.ok(NAME, "%s, read by the run (%s)".formatted(name, slotSeen.holder()))
                    : Finding.warning(
                            NAME,
                            "%s is in use by another process (%s), for which a run waits and then ends"
                                    .formatted(name, slotSeen.holder()),
                            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s;"
                                    .formatted(Sql.literal(name)));
        }
        if (position != null) {
            slot.check(slotSeen, position);
            return Finding.ok(NAME, "%s, which continues the stored position %s".formatted(name, position));
        }
        if (slotSeen.usable() && slotSeen.confirmed() != null && slot.history().wasRead(slotSeen.confirmed())) {
            return Finding.failed(
                    ExitCode.USAGE,
                    NAME,
                    "%s was read before and belongs to another store, but the store in state.directory is empty. Set state.directory to that store's directory. If that store is lost, take the slot over"
                            .formatted(name),
                    takeOver);
        }
        if (olderThanPublication) {
            return Finding.ok(
                    NAME,
                    "%s is older than the publication. The store is empty, so the first run makes it again if anything was changed before the publication was made, and loads every row"
                            .formatted(name));
        }
        return slotSeen.usable()
                ? Finding.ok(
                        NAME,
                        "%s is there and the store is empty: the first run goes on from it, and loads every row"
                                .formatted(name))
                : Finding.failed(
                        ExitCode.GAP,
                        NAME,
                        "%s was invalidated by the server, and the store is empty: drop it, and the first run makes a new one"
                                .formatted(name),
                        "SELECT pg_drop_replication_slot(%s);".formatted(Sql.literal(name)));
    }
}
