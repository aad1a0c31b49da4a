package ai.flameup.sync.resume;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.OnSlotLost;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.catalog.TableVersion;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins anew from the source as it is, where somebody has asked for it, or where a gap asks for it by itself
 * ({@code on-slot-lost}). The request is in the store until the store has begun anew, so a killed process's successor
 * takes the old slot away once more, or the new one that nothing was read from. For one thread.
 */
public final class ResyncStart {
    private static final Logger LOG = LoggerFactory.getLogger(ResyncStart.class);
    /** A slot that is lost again so soon will be lost once more. */
    private static final Duration NOT_AGAIN_WITHIN = Duration.ofHours(1);

    private final Database database;
    private final StateStore store;
    private final OnSlotLost onSlotLost;
    private boolean saidNotAgain;

    public ResyncStart(Database database, StateStore store, OnSlotLost onSlotLost) {
        this.database = database;
        this.store = store;
        this.onSlotLost = onSlotLost;
    }

    /** Makes the slot; empty where it was given up. */
    public interface SlotMaker {
        Optional<Lsn> make() throws InterruptedException;
    }

    /** What is asked for and has not begun. To be asked every second. */
    public Optional<Resync> asked() {
        return store.resyncs().open();
    }

    /**
     * @param now what the store is to be of from now on
     * @param maker makes the slot
     * @return whether the store has begun anew; not where it was given up
     * @throws Fault what is in the way; the request stays
     */
    public boolean begin(Resync asked, Identity now, Table table, Slot slot, CountDownLatch stop, SlotMaker maker)
            throws InterruptedException {
        Identity before = store.identity().orElseThrow();
        before.checkDestination(now);
        if (!asked.source().equals(now.place())) {
            throw new Fault(
                    ExitCode.GAP,
                    "a resync from %s is asked for, but this process has the configuration for %s; start it again to have it read the new one, or ask again with this one"
                            .formatted(asked.source(), now.place()));
        }
        slot.publication().ensure();
        // Looked at before the slot is made: what is replaced or altered from here on is told from it.
        String publication = slot.publication().check(table.read()).text();
        if (!drop(asked, slot, stop)) {
            return false;
        }
        String version = TableVersion.read(database).version();
        Optional<Lsn> begin = maker.make();
        if (begin.isEmpty()) {
            return false;
        }
        Backfill every = store.resyncs().begin(asked, now, publication, version, begin.get());
        LOG.info(
                "Resync {}, asked for by {}: beginning anew at {} from {}; backfill {} brings every row",
                asked.id(),
                asked.requested().by(),
                begin.get(),
                now.source(),
                every.id());
        if (before.server().systemIdentifier().equals(now.server().systemIdentifier())
                && !before.slot().equals(now.slot())) {
            LOG.warn(
                    "If slot {} is still there, it keeps WAL that nobody reads; SELECT pg_drop_replication_slot('{}')",
                    before.slot(),
                    before.slot());
        }
        return true;
    }

    private boolean drop(Resync asked, Slot slot, CountDownLatch stop) throws InterruptedException {
        try {
            // Looked at here: one that is another's is never dropped.
            Optional<SlotState> seen = slot.awaitIdle(stop);
            if (seen.filter(SlotState::active).isPresent()) {
                return false;
            }
            if (seen.isPresent()) {
                slot.drop();
                LOG.info("Dropped the slot that was there");
            }
            return true;
        } catch (Fault fault) {
            if (fault.exitCode() == ExitCode.TRY_LATER) {
                // Or it would be taken from somebody else as soon as he does not look.
                store.resyncs().withdraw(asked.id());
            }
            throw fault;
        }
    }

    /**
     * Asks for one where that is what is to be done about a gap. Never about a source that the configuration or another
     * server has made another: that may be a mistake, and its rows would go to people whom they are not of.
     *
     * @param look what the store would be of from now on
     * @return whether it is asked for now
     */
    public boolean isCalledForBy(Fault fault, Supplier<Identity> look) {
        if (onSlotLost != OnSlotLost.RESYNC || fault.exitCode() != ExitCode.GAP || asked().isPresent()) {
            return false;
        }
        Identity now;
        try {
            now = look.get();
        } catch (Fault unreachable) {
            LOG.debug("No resync yet: {}", unreachable.getMessage());
            return false;
        }
        if (!store.identity().orElseThrow().source().equals(now.source())) {
            return false;
        }
        Instant soonest = Instant.now().minus(NOT_AGAIN_WITHIN);
        if (store.resyncs().lastBecauseOfGap().filter(soonest::isBefore).isPresent()) {
            if (!saidNotAgain) {
                LOG.warn("on-slot-lost: no resync by itself, because the last one was within the hour");
                saidNotAgain = true;
            }
            return false;
        }
        LOG.warn("on-slot-lost: a resync by itself, because of this: {}", fault.getMessage());
        saidNotAgain = false;
        store.resyncs().request(now.place(), String.valueOf(fault.getMessage()), "on-slot-lost");
        return true;
    }
}
