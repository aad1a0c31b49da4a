package ai.flameup.sync.resume;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.catalog.ServerIdentity;
import ai.flameup.sync.source.slot.Gap;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotContent;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StoreContents;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Checks that the server has the stored position, and that its slot continues it. Behind an unchanged address, a
 * standby may be promoted or a backup restored at any time. Thread-safe.
 */
public final class SlotGuard {
    /** What the store knows. */
    public record Known(Identity identity, Optional<String> gap, Optional<StateUpdate.HeartbeatSeen> witness) {
        /** @param store has an identity */
        public static Known of(StateStore store) {
            return new Known(store.identity().orElseThrow(), store.gap(), store.witness());
        }

        /** @param store has an identity */
        public static Known of(StoreContents store) {
            return new Known(
                    store.identity().orElseThrow(),
                    store.stream().gap(),
                    store.stream().witness());
        }
    }

    private final Database database;
    private final Slot slot;
    private final SlotContent content;
    private final Supplier<Known> known;
    private final Supplier<Lsn> position;
    private final Consumer<String> toKeep;

    /**
     * @param known read before each check
     * @param position the stored position
     * @param toKeep stores a gap that the server may no longer show later
     */
    public SlotGuard(
            Database database, Slot slot, Supplier<Known> known, Supplier<Lsn> position, Consumer<String> toKeep) {
        this.database = database;
        this.slot = slot;
        this.content = new SlotContent(database, slot);
        this.known = known;
        this.position = position;
        this.toKeep = toKeep;
    }

    /** A guard that stores no gap, for commands: the next run detects it as well. */
    public static SlotGuard forCommand(Database database, Slot slot, Supplier<Known> known, Supplier<Lsn> position) {
        return new SlotGuard(database, slot, known, position, gap -> {});
    }

    /**
     * Checks the server before a stream starts.
     *
     * @throws Fault 7 if the position is not the server's; 3 if the server cannot be queried
     */
    public void requireServer() {
        Known stored = known.get();
        stored.gap().ifPresent(gap -> {
            throw new Fault(ExitCode.GAP, gap);
        });
        // Read before the WAL's end, because both advance.
        Lsn reached = position.get();
        ServerIdentity server = ServerIdentity.read(database);
        Identity identity = stored.identity();
        identity.check(identity.onServer(new Identity.Server(server.systemIdentifier(), server.timeline())));
        if (reached.isAfter(server.end())) {
            // Stored, because the server looks right again once its WAL exceeds the position.
            throw kept(Gap.of(
                    "the stored position %s is beyond the server's WAL, which ends at %s: the database appears to have been restored from a backup"
                            .formatted(reached, server.end())));
        }
    }

    /** Stores a gap, so that every command reports it, even if the server no longer shows it. */
    public Fault kept(Fault gap) {
        toKeep.accept(String.valueOf(gap.getMessage()));
        return gap;
    }

    /**
     * Checks the WAL before a stream starts, and before the position is acknowledged: the server must have the WAL at
     * the slot's position, and must contain the last heartbeat. A server that was restored from a backup, and has
     * written past the position since, does not contain it.
     *
     * @throws Fault 7 if the WAL differs; 3 if the server cannot be queried
     */
    public void requireWal() {
        content.requireBeginning();
        known.get()
                .witness()
                .filter(witness -> !content.holds(witness.marker(), witness.at()))
                .ifPresent(witness -> {
                    throw kept(Gap.of(
                            "the server's WAL does not contain the marker written at %s: the database appears to have been restored from a backup"
                                    .formatted(witness.at())));
                });
    }

    /**
     * Checks server and slot during a stream.
     *
     * @throws Fault as {@link #requireServer}, and 7 if the slot is gone, invalidated, or ahead
     */
    public void requireSlot() {
        requireServer();
        slot.watch(position);
    }
}
