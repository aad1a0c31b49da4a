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
import ai.flameup.sync.state.StateUpdate;
import ai.flameup.sync.state.StoreLook;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Whether the server that answers is the one that the stored position is of, and its slot continues it: behind a name
 * that stays, a standby may have been promoted, or a backup put back, at any time. Thread-safe.
 */
public final class SlotGuard {
    /** What a store has of it. */
    public record Known(Identity identity, Optional<String> gap, Optional<StateUpdate.Witness> witness) {
        /** @param store has an identity */
        public static Known of(StateStore store) {
            return new Known(store.identity().orElseThrow(), store.gap(), store.witness());
        }

        /** @param store has an identity */
        public static Known of(StoreLook store) {
            return new Known(store.identity().orElseThrow(), store.gap(), store.witness());
        }
    }

    private final Database database;
    private final Slot slot;
    private final SlotContent content;
    private final Supplier<Known> known;
    private final Supplier<Lsn> position;
    private final Consumer<String> toKeep;

    /**
     * @param known asked for again and again
     * @param position the one that the store has
     * @param toKeep told of a gap that may look like none later
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

    /** For whoever looks on: it keeps nothing, because the next run sees a gap as well. */
    public static SlotGuard ofLook(Database database, Slot slot, Supplier<Known> known, Supplier<Lsn> position) {
        return new SlotGuard(database, slot, known, position, gap -> {});
    }

    /**
     * Before a stream begins.
     *
     * @throws Fault 7 where the position is not the server's; 3 where the server cannot be asked
     */
    public void demandServer() {
        Known stored = known.get();
        stored.gap().ifPresent(gap -> {
            throw new Fault(ExitCode.GAP, gap);
        });
        // Asked for before the WAL's end, which goes on meanwhile as the position does.
        Lsn reached = position.get();
        ServerIdentity server = ServerIdentity.read(database);
        Identity identity = stored.identity();
        identity.check(identity.onServerOf(server.systemIdentifier(), server.timeline()));
        if (reached.isAfter(server.end())) {
            // Its WAL grows, and once it has passed the position all would look right.
            throw kept(Gap.of(
                    "the stored position %s is beyond the server's WAL, which ends at %s: an older server was put back"
                            .formatted(reached, server.end())));
        }
    }

    /** Has a gap reported from now on by every command, although the server may not show it. */
    public Fault kept(Fault gap) {
        toKeep.accept(String.valueOf(gap.getMessage()));
        return gap;
    }

    /**
     * Before a stream begins, and before the slot is told of the position: whether the server has the WAL that the slot
     * begins in, and is the one that wrote it. An older server that was put back, and has written past the position since,
     * has not what this one wrote.
     *
     * @throws Fault 7 where it has not; 3 where it cannot be asked
     */
    public void demandWal() {
        content.requireBeginning();
        known.get()
                .witness()
                .filter(witness -> !content.holds(witness.marker(), witness.at()))
                .ifPresent(witness -> {
                    throw kept(Gap.of(
                            "the server's WAL does not hold what was written into it at %s: an older server was put back"
                                    .formatted(witness.at())));
                });
    }

    /**
     * While somebody streams.
     *
     * @throws Fault as {@link #demandServer}, and 7 where the slot is gone, invalidated, or ahead
     */
    public void demandSlot() {
        demandServer();
        slot.watch(position);
    }
}
