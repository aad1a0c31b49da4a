package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.doctor.finding.Check;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotHistory;
import ai.flameup.sync.source.slot.SlotState;
import java.util.List;
import java.util.Optional;

/**
 * Checks the slot, and whether it continues what is in the store.
 *
 * @param seen empty if there is no slot
 * @param store read before the slot was inspected
 * @param olderThanPublication for an empty store: as {@link SlotHistory#mayBeOlderThanPublication}
 */
record SlotCheck(
        DoctorInput subject, Slot slot, Optional<SlotState> seen, KnownStore store, boolean olderThanPublication)
        implements Check {
    static final String NAME = "slot";

    @Override
    public List<Finding> findings() {
        if (seen.isEmpty()) {
            String name = subject.postgres().slot();
            if (store.position().isPresent()) {
                throw new Fault(ExitCode.GAP, "slot %s is gone; resync".formatted(name));
            }
            return List.of(Finding.ok(
                    NAME, "%s does not exist yet: the first run creates it and loads every row".formatted(name)));
        }
        return List.of(of(seen.get()));
    }

    private Finding of(SlotState slotSeen) {
        String name = subject.postgres().slot();
        if (slotSeen.active()) {
            return store.held()
                    ? Finding.ok(NAME, "%s is read by the run (%s)".formatted(name, slotSeen.holder()))
                    : Finding.warning(
                            NAME,
                            "%s is in use by another process (%s). A run waits for it, and then ends"
                                    .formatted(name, slotSeen.holder()),
                            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s;"
                                    .formatted(Sql.literal(name)));
        }
        if (store.position().isPresent()) {
            Lsn position = store.position().get();
            slot.check(slotSeen, position);
            return Finding.ok(NAME, "%s continues the stored position %s".formatted(name, position));
        }
        if (slotSeen.usable() && slotSeen.confirmed() != null && slot.history().wasRead(slotSeen.confirmed())) {
            return Finding.failed(
                    ExitCode.USAGE,
                    NAME,
                    "%s was read before and belongs to another store, but the store in state.directory is empty. Set state.directory to that store's directory. If that store is lost, take the slot over"
                            .formatted(name),
                    subject.command("run --yes"));
        }
        if (olderThanPublication) {
            return Finding.ok(
                    NAME,
                    "%s is older than the publication, and the store is empty. The first run loads every row, and recreates the slot if rows were changed before the publication was created"
                            .formatted(name));
        }
        return slotSeen.usable()
                ? Finding.ok(
                        NAME,
                        "%s exists, and the store is empty: the first run continues from it and loads every row"
                                .formatted(name))
                : Finding.failed(
                        ExitCode.GAP,
                        NAME,
                        "the server has invalidated %s, and the store is empty. Drop the slot: the first run creates a new one"
                                .formatted(name),
                        "SELECT pg_drop_replication_slot(%s);".formatted(Sql.literal(name)));
    }
}
