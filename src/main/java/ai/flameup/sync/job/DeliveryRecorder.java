package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.pipeline.Action;
import ai.flameup.sync.pipeline.ActionInterpreter;
import ai.flameup.sync.pipeline.DeliveryGauges;
import ai.flameup.sync.pipeline.Event;
import ai.flameup.sync.pipeline.RequestSender;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.status.Counters;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Performs the actions of the state machine: sends, stores, counts and logs, and reports what ends a run. Called by the
 * pipeline's thread.
 */
public final class DeliveryRecorder implements ActionInterpreter {
    /** Receives what a run has to handle apart from storing and sending. */
    interface RunEvents {
        /** The stored position advanced. */
        void positionAdvanced();

        /** A row to read is being stored, or a change whose rows have to be found. */
        void toReadStored(long number, RowReads.Kind kind);

        void markerReached(String marker);

        /** The run cannot continue until an operator has fixed the cause. */
        void halted(Fault why);

        void broken(Throwable bug);
    }

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryRecorder.class);
    private static final long SAID_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private record Pause(Instant until, DeliveryGauges.PauseCause cause) {}

    private final StateWriter writer;
    private final LedgerRecorder ledger;
    private final ScanRecorder scans;
    private final RequestSender sender;
    private final Counters counters;
    private final RunEvents ends;
    private final DeferralLog deferrals = new DeferralLog();

    private final Instant started = Instant.now();

    private Lsn position;
    private @Nullable Long parkedLoggedAt;
    private long outageSince;
    private volatile @Nullable String outage;
    private volatile @Nullable Pause pause;

    /**
     * @param position the stored one
     */
    DeliveryRecorder(StateWriter writer, RequestSender sender, Counters counters, Lsn position, RunEvents ends) {
        this.writer = writer;
        this.ledger = new LedgerRecorder(writer);
        this.scans = new ScanRecorder(writer);
        this.sender = sender;
        this.counters = counters;
        this.position = position;
        this.ends = ends;
    }

    @Override
    public void perform(List<Action> actions, Consumer<Event> events) {
        for (int i = 0; i < actions.size(); i++) {
            perform(actions.get(i), events);
        }
    }

    /** Covers every kind of action; a test compares it with the list of kinds. */
    private void perform(Action action, Consumer<Event> events) {
        if (action instanceof Action.Send send) {
            sender.send(send, events);
        } else if (action instanceof Action.EndRequest end) {
            sender.end(end);
        } else if (action instanceof Action.DropTraces traces) {
            sender.drop(traces);
        } else if (action instanceof Action.Delivered delivered) {
            counters.deliveredOne();
            writer.add(new StateUpdate.Delivered(delivered.userId(), delivered.whole()));
        } else if (action instanceof Action.AdvancePosition advance) {
            advance(advance.position());
        } else if (action instanceof Action.StoreEntry store) {
            ledger.add(store);
        } else if (action instanceof Action.StoreNow) {
            ledger.storeSoon();
        } else if (action instanceof Action.Unchanged unchanged) {
            counters.unchangedOne();
            writer.add(new StateUpdate.Delivered(unchanged.userId(), unchanged.whole()));
        } else if (action instanceof Action.CountRepeated) {
            counters.unchangedOne();
        } else if (action instanceof Action.CountSuperseded) {
            counters.replacedOne();
        } else if (action instanceof Action.AdvanceScan advance) {
            counters.progressed();
            scans.advance(advance);
        } else if (action instanceof Action.EndScan end) {
            writer.add(new StateUpdate.BackfillDone(end.scan(), Instant.now()));
            LOG.info("Backfill {} is done", end.scan());
        } else if (action instanceof Action.ReportMarker reached) {
            ends.markerReached(reached.marker());
        } else if (action instanceof Action.Park park) {
            park(park);
        } else if (action instanceof Action.Reread reread) {
            writer.add(new StateUpdate.RereadRequested(reread.key()));
            ends.toReadStored(reread.number(), RowReads.Kind.AT_ONCE);
        } else if (action instanceof Action.Search search) {
            writer.add(new StateUpdate.SearchRequested(search.change(), Instant.now()));
            ends.toReadStored(search.number(), RowReads.Kind.TO_FIND);
        } else if (action instanceof Action.Defer defer) {
            defer(defer);
        } else if (action instanceof Action.DropDeferred drop) {
            writer.add(new StateUpdate.DeferredDropped(drop.position().resumeAt(), drop.key(), drop.userId()));
        } else if (action instanceof Action.ChangeKey change) {
            writer.add(new StateUpdate.Rekeyed(change.position(), change.from(), change.to(), started));
        } else if (action instanceof Action.StoreBudget budget) {
            writer.add(new StateUpdate.Budget(budget.requests(), budget.window()));
        } else {
            report(action);
        }
    }

    private void defer(Action.Defer change) {
        Action.Deleted deleted = change.deleted();
        RowKey key = change.key();
        if (deleted != null) {
            writer.add(new StateUpdate.DeleteDeferred(
                    deleted.userId(), Instant.now().minus(deleted.age()).truncatedTo(ChronoUnit.MILLIS)));
        } else if (key != null) {
            writer.add(new StateUpdate.ChangeDeferred(key));
        }
        counters.deferredOne();
        deferrals.deferred();
        // Queued first, so that a flush for this number includes it.
        ends.toReadStored(change.number(), RowReads.Kind.DEFERRED);
    }

    private void report(Action action) {
        if (action instanceof Action.ReportRetry retry) {
            counters.retriedOne();
            LOG.debug("Attempt failed: status={}. Retrying in {}", retry.status(), retry.delay());
        } else if (action instanceof Action.ReportAddressConflict conflict) {
            counters.emailHeldOne();
            LOG.debug(
                    "User {} takes an address that user {} still holds at Flameup",
                    conflict.userId(),
                    conflict.holder());
        } else if (action instanceof Action.ReportDeferring start) {
            deferrals.begin(start.cause());
        } else if (action instanceof Action.ReportDeferredSent) {
            deferrals.end();
        } else if (action instanceof Action.ReportPause pause) {
            LOG.info(
                    "Sending paused: cause={}, seconds={}",
                    pause.cause().words(),
                    pause.delay().toSeconds());
            this.pause = new Pause(Instant.now().plus(pause.delay()).truncatedTo(ChronoUnit.SECONDS), pause.cause());
        } else if (action instanceof Action.ReportUnreadableBudget unreadable) {
            counters.unreadBudget(unreadable.headers());
            LOG.warn(
                    "Rate limit headers not understood: {}. Set flameup.max-requests-per-minute to the limit of your contract",
                    unreadable.headers());
        } else if (action instanceof Action.ReportBatchesAbandoned abandoned) {
            counters.batchesGivenUp(abandoned.reason());
            LOG.warn(
                    "Batch call not usable: {}. Persons are sent one by one in this run, up to 100 times slower",
                    abandoned.reason());
        } else if (action instanceof Action.ReportOutage start) {
            outageSince = System.nanoTime();
            outage = start.status() == 0 ? start.reason() : "status " + start.status();
            LOG.warn("Flameup is not responding ({}). Retrying with back-off", outage);
        } else if (action instanceof Action.ReportRecovery) {
            outage = null;
            LOG.info(
                    "Flameup is responding again, after {} s",
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - outageSince));
        } else if (action instanceof Action.HaltRefused halt) {
            ends.halted(refused(halt.why()));
        } else if (action instanceof Action.HaltTooManyRejected halt) {
            ends.halted(tooMany(halt.last()));
        } else {
            throw new IllegalArgumentException("an unknown action: " + action.getClass());
        }
    }

    @Override
    public void endTurn(Consumer<Event> events) {
        ledger.endTurn(events);
    }

    @Override
    public void crashed(Throwable bug) {
        ends.broken(bug);
    }

    private void park(Action.Park park) {
        counters.parkedOne();
        long now = System.nanoTime();
        Long logged = parkedLoggedAt;
        int status = park.attempts() == 0 ? DeadLetter.NOT_SENT : park.why().status();
        DeadLetter letter = new DeadLetter(
                park.userId(),
                park.key(),
                new DeadLetter.Refusal(status, park.why().reason(), park.why().requestId(), park.attempts()),
                Instant.now());
        if (logged == null || now - logged > SAID_EVERY_NANOS) {
            LOG.warn(
                    "Parked user {} ({}), {} in this run; `flameup-sync dead-letters list` shows the persons and the reasons",
                    park.userId().isEmpty() ? "without an id" : park.userId(),
                    letter.outcome(),
                    counters.parked());
            parkedLoggedAt = now;
        }
        writer.add(new StateUpdate.Parked(letter));
    }

    private void advance(Lsn to) {
        ends.positionAdvanced();
        if (to.isAfter(position)) {
            position = to;
            writer.add(new StateUpdate.PositionAdvanced(to));
        }
    }

    /** What stops all sending, and until when, in words; null if nothing is known to. From any thread. */
    @Nullable
    String pause() {
        Pause last = pause;
        return last == null || last.until.isBefore(Instant.now())
                ? null
                : "%s: nothing is sent until %s".formatted(last.cause.words(), last.until);
    }

    /** Why the newest request failed, during an outage; null without one. From any thread. */
    @Nullable
    String outage() {
        String first = outage;
        return first == null ? null : Objects.requireNonNullElse(counters.lastFailure(), first);
    }

    private static Fault refused(Outcome.Refused why) {
        if (why.status() < 400) {
            return new Fault(
                    ExitCode.REFUSED,
                    "Flameup answers with a redirect (status %s), which is not followed; set flameup.base-url to the right address. Nothing is lost"
                            .formatted(why.status()));
        }
        return new Fault(
                ExitCode.REFUSED,
                "Flameup refuses with status %s; check flameup.token, its permissions, flameup.workspace and flameup.base-url. Nothing is lost"
                        .formatted(why.status()));
    }

    /**
     * Too many rows were refused.
     *
     * @param last with status 0 if the API was not asked
     */
    public static Fault tooMany(Outcome.Rejected last) {
        String what = last.status() == 0
                ? "Too many rows cannot be sent as they are, the last one because %s; nothing more is parked."
                        .formatted(last.reason())
                : "Flameup refuses too many persons as they are, the last one with status %s; nothing more is parked."
                        .formatted(last.status());
        return new Fault(
                ExitCode.REJECTED,
                what
                        + " See why with `flameup-sync dead-letters list`, correct the mapping, or raise"
                        + " delivery.halt-when-rejected");
    }
}
