package ai.flameup.sync.pipeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is sent when, and up to where the position may advance. It has no threads, clocks or I/O: the same events
 * lead to the same actions. For one thread; times are milliseconds of one monotonic clock.
 *
 * <p>This class only passes each event to the part that handles it. The package documentation says which part that is.
 */
final class DeliveryStateMachine {
    private final List<Action> actions = new ArrayList<>();
    private final AckTracker acks = new AckTracker(actions);
    private final Backlog backlog;
    private final Earlier earlier;
    private final Settlement settlement;
    private final RefusalPolicy refusals;
    private final Parking parking;
    private final Intake intake;
    private final SendScheduler scheduler;
    private final ResponsePolicy responses;

    DeliveryStateMachine(PipelineSettings settings, Ledger ledger, RandomGenerator random) {
        this.earlier = new Earlier(
                new EarlierRequests(), new LateWrites(settings.requestTimeout().toMillis()));
        this.backlog = new Backlog(settings, ledger, earlier.requests(), actions);
        this.settlement = new Settlement(backlog, earlier, acks, actions);
        this.refusals = new RefusalPolicy(
                settings.haltWhenRejected(), settings.refusals().onProbation());
        this.parking = new Parking(refusals, backlog, settlement, acks, actions);
        this.intake = new Intake(backlog, earlier, acks, parking, actions);
        Policies policies = new Policies(
                new RateControl(settings, random, actions),
                new BatchPolicy(settings.requests().batch(), actions),
                refusals);
        this.scheduler = new SendScheduler(policies, backlog.queues(), settlement, actions);
        this.responses = new ResponsePolicy(policies, settlement, parking, actions);
    }

    /**
     * Handles an event.
     *
     * @return what is to be done, in this order; valid until the next call
     */
    List<Action> handle(Event event, long now) {
        actions.clear();
        if (event instanceof Event.Change change) {
            intake.change(change, now);
        } else if (event instanceof Event.Row row) {
            intake.row(row, now);
        } else if (event instanceof Event.Answered answered) {
            responses.ended(scheduler.ended(answered.request()), answered.answer(), now);
            settlement.repeatDue(now);
            settleUnsent(now);
            judge(now);
            send(now);
        } else if (event instanceof Event.Tick) {
            intake.closeIfDue(now);
            settlement.repeatDue(now);
            deferIfDue(now);
            settleUnsent(now);
            judge(now);
            send(now);
        } else if (event instanceof Event.EntriesStored stored) {
            backlog.entriesStored(stored.number(), now);
            settleUnsent(now);
            judge(now);
            send(now);
        } else if (event instanceof Event.CommitReached reached) {
            intake.commitReached(reached, now);
        } else if (event instanceof Event.Marker marker) {
            Deferring deferring = backlog.holders().deferring();
            backlog.unchanged().markerReached(deferring.newest());
            backlog.unchanged().nothingToRead(deferring.nothingUpTo());
            intake.markerReached();
            acks.addMarker(marker.marker(), marker.latestOnly());
        } else if (event instanceof Event.Watched change) {
            intake.watched(change);
        } else if (event instanceof Event.KeyChanged change) {
            intake.keyChanged(change);
        } else if (event instanceof Event.ChunkStarted chunk) {
            intake.chunkStarted(chunk, now);
        } else if (event instanceof Event.ScanEnded end) {
            acks.addScanEnd(end.scan());
        } else if (event instanceof Event.Started started) {
            started(started, now);
        } else if (event instanceof Event.WalWritten written) {
            backlog.holders().deferring().walWritten(written.end());
            deferIfDue(now);
        } else if (event instanceof Event.NothingToRead nothing) {
            backlog.holders().deferring().nothingToRead(nothing.number());
            backlog.unchanged().nothingToRead(nothing.number());
        } else if (event instanceof Event.Drain) {
            scheduler.drain();
        } else {
            throw new IllegalArgumentException("an unknown event: " + event.getClass());
        }
        return actions;
    }

    private void started(Event.Started started, long now) {
        earlier.requests().started(started.unanswered());
        earlier.lateWrites().started(started.unanswered(), now);
        backlog.holders().deferring().started(started.unread(), started.droppedUntil());
        if (!started.isLedgerComplete()) {
            backlog.unchanged().distrustLedger();
        }
    }

    private void deferIfDue(long now) {
        Deferring deferring = backlog.holders().deferring();
        Deferring.Waiting waiting = new Deferring.Waiting(
                scheduler.millisFor(acks.openChanges()), Backpressure.isNearlyFull(backlog.bytes()));
        Action.DeferralCause cause = deferring.due(acks, waiting, now);
        if (cause != null) {
            deferring.begin(cause);
            settlement.defer(
                    upsert -> cause != Action.DeferralCause.TRANSACTION
                            || upsert.units().stream().anyMatch(acks::isOfNewestTransaction),
                    now);
        }
    }

    private void judge(long now) {
        if (refusals.isAnySuspected() && isQuiet()) {
            parking.judgeSuspects(now);
        }
        judgeProbation(now);
    }

    private void judgeProbation(long now) {
        if (refusals.isProbationDecided() || (refusals.isAnyOnProbation() && isQuiet())) {
            parking.judgeProbation(now);
        }
    }

    /** Whether no more answers come and nothing is about to be sent. */
    private boolean isQuiet() {
        PriorityQueues queues = backlog.queues();
        return scheduler.inFlight() == 0
                && queues.isEmpty()
                && !queues.hasResting()
                && !backlog.ledger().isAnyAwaited()
                && !intake.isWaiting()
                && !isHolding();
    }

    private void send(long now) {
        settleUnsent(now);
        scheduler.send(now);
    }

    private void settleUnsent(long now) {
        do {
            settlement.settleUnchanged(now);
            settlement.settleToRead(now);
            parking.parkAddressHeld(now);
        } while (backlog.hasUnsent());
    }

    /** Returns when {@link Event.Tick} is due, if nothing else happens. */
    OptionalLong nextAt(long now) {
        if (isHalted() || scheduler.isDraining()) {
            return OptionalLong.empty();
        }
        long resting = Math.min(backlog.queues().nextAt(), earlier.lateWrites().nextAt());
        long next = Math.min(Math.min(resting, Math.max(now, intake.closesAt())), scheduler.nextAt(now));
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    boolean isHalted() {
        return refusals.isHalted();
    }

    /** Returns the number of requests in flight, and of answers that the store does not have yet. */
    int unfinished() {
        return scheduler.inFlight() + backlog.ledger().unstored();
    }

    /** Returns the number of requests in flight. */
    int inFlight() {
        return scheduler.inFlight();
    }

    DeliveryGauges gauges(long now) {
        return new DeliveryGauges(
                new DeliveryGauges.Open(
                        acks.openChanges(),
                        acks.open() - acks.openChanges(),
                        scheduler.statesInFlight(),
                        new DeliveryGauges.Stream(
                                acks.acknowledged(),
                                acks.newestTransaction(),
                                Backpressure.mayBeFull(acks.load(), backlog.bytes()))),
                scheduler.inFlight(),
                new DeliveryGauges.Oldest(age(acks.oldestChange(), now), age(acks.oldestRow(), now)),
                scheduler.pause(now),
                scheduler.budget(now));
    }

    private static @Nullable Duration age(@Nullable Long since, long now) {
        return since == null ? null : Duration.ofMillis(Math.max(0, now - since));
    }

    /** Returns the number of rows that were read and are not settled, without those that a live change waits for. */
    int openRows() {
        return backlog.openRows();
    }

    /** Returns the number of changes since the oldest unsettled one, and of unsettled rows. */
    int load() {
        return acks.load();
    }

    /**
     * Whether a state waits for a later one that the stream has not delivered yet. Then more of the stream must arrive,
     * whatever is pending: an earlier process had both at once, so this one has room for them as well.
     */
    boolean isHolding() {
        return earlier.requests().isHolding();
    }

    /** Returns the memory that the states take, in bytes. */
    long bytes() {
        return backlog.bytes();
    }

    /** For tests: the upserts of a request in flight. */
    List<PendingUpsert> inFlight(long request) {
        return scheduler.upserts(request);
    }

    /** For tests: the sizes of what has to be empty when nothing is pending. */
    List<Integer> sizes() {
        return backlog.graph().sizes();
    }
}
