package ai.flameup.sync.resume;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.OnSlotLost;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a resync that the operator has requested, or that a gap requires ({@code on-slot-lost: resync}). The request
 * stays in the store until the store has its new position. So after a kill, the next process drops the slot again, old
 * or new: nothing was read from the new one. For one thread.
 */
public final class ResyncStart {
    private static final Logger LOG = LoggerFactory.getLogger(ResyncStart.class);
    /** A slot that is lost again this soon would be lost once more. */
    private static final Duration MIN_INTERVAL = Duration.ofHours(1);

    private final StateStore store;
    private final OnSlotLost onSlotLost;
    private final boolean marksGone;
    private boolean refusalLogged;

    /**
     * @param marksGone whether a resync that an operator has requested marks delivered persons whose rows were deleted in the gap. An
     *     automatic one does not, because the table may have been restored in part
     */
    public ResyncStart(StateStore store, OnSlotLost onSlotLost, boolean marksGone) {
        this.store = store;
        this.onSlotLost = onSlotLost;
        this.marksGone = marksGone;
    }

    /** Creates the slot; empty if that was given up. */
    public interface SlotMaker {
        Optional<Lsn> make() throws InterruptedException;
    }

    /** The request that has not started. To be called every second. */
    public Optional<Resync> requested() {
        return store.resyncs().open();
    }

    /**
     * Drops the old slot, creates the new one, and resets the store.
     *
     * @param now source and destination of the store from now on
     * @param maker creates the slot
     * @return whether the store has a new position; false if that was given up
     * @throws Fault that prevents the resync; the request stays
     */
    public boolean begin(Resync asked, Identity now, Table table, Slot slot, CountDownLatch stop, SlotMaker maker)
            throws InterruptedException {
        Identity before = store.identity().orElseThrow();
        before.checkDestination(now);
        if (!asked.source().equals(now.location())) {
            throw new Fault(
                    ExitCode.GAP,
                    "a resync from %s was requested, but this process is configured for %s. Restart the job to read the new configuration, or request the resync with this one"
                            .formatted(asked.source(), now.location()));
        }
        slot.publication().ensure();
        // Read before the slot is created, so that later alterations are detected.
        String publication = slot.publication().check(table.stored()).text();
        if (!drop(asked, slot, stop)) {
            return false;
        }
        Optional<Lsn> begin = maker.make();
        if (begin.isEmpty()) {
            return false;
        }
        Backfill every = store.resyncs().begin(asked, now, publication, begin.get(), marksGone && asked.gap() == null);
        LOG.info(
                "Resync started: id={}, requested_by={}, position={}, source={}, backfill={}",
                asked.id(),
                asked.requested().by(),
                begin.get(),
                now.source(),
                every.id());
        if (before.server().systemIdentifier().equals(now.server().systemIdentifier())
                && !before.slot().equals(now.slot())) {
            LOG.warn(
                    "If slot {} still exists, it retains WAL that is not read. Drop it: SELECT pg_drop_replication_slot('{}')",
                    before.slot(),
                    before.slot());
        }
        return true;
    }

    private boolean drop(Resync asked, Slot slot, CountDownLatch stop) throws InterruptedException {
        try {
            // The check before the drop: a slot of another job is never dropped.
            Optional<SlotState> seen = slot.awaitIdle(stop);
            if (seen.filter(SlotState::active).isPresent()) {
                return false;
            }
            if (seen.isPresent()) {
                slot.drop();
                LOG.info("Dropped the existing slot");
            }
            return true;
        } catch (Fault fault) {
            if (fault.exitCode() == ExitCode.TRY_LATER) {
                // Otherwise the slot would be dropped as soon as the other process releases it.
                store.resyncs().withdraw(asked.id());
            }
            throw fault;
        }
    }

    /**
     * Requests a resync if the configuration wants one for a gap. Never if the source has changed, by the configuration
     * or by another server: that may be a mistake, and the rows would be sent to the wrong persons.
     *
     * @param afterwards source and destination of the store after a resync
     * @return whether a resync is requested now
     */
    public boolean isCalledForBy(Fault fault, Supplier<Identity> afterwards) {
        if (onSlotLost != OnSlotLost.RESYNC
                || fault.exitCode() != ExitCode.GAP
                || requested().isPresent()) {
            return false;
        }
        Identity now;
        try {
            now = afterwards.get();
        } catch (Fault unreachable) {
            LOG.debug("No resync yet: {}", unreachable.getMessage());
            return false;
        }
        if (!store.identity().orElseThrow().source().equals(now.source())) {
            return false;
        }
        Instant soonest = Instant.now().minus(MIN_INTERVAL);
        if (store.resyncs().lastBecauseOfGap().filter(soonest::isBefore).isPresent()) {
            if (!refusalLogged) {
                LOG.warn("on-slot-lost: no automatic resync, because the last one was less than an hour ago");
                refusalLogged = true;
            }
            return false;
        }
        LOG.warn("on-slot-lost: requesting a resync. Cause: {}", fault.getMessage());
        refusalLogged = false;
        store.resyncs().request(now.location(), String.valueOf(fault.getMessage()), "on-slot-lost");
        return true;
    }
}
