package ai.flameup.sync.job;

import ai.flameup.sync.backfill.RereadReader;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.fence.KeyLookup;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.DeadLetter;
import ai.flameup.sync.state.StateUpdate;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.status.Counters;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores, counts and logs what the pipeline tells, and hands on what ends a run. Called by the pipeline's thread. */
public final class DeliveryRecorder implements Pipeline.Listener {
    /** Somebody's business beside the store's. */
    interface Ends {
        /** The position moved. */
        void moved();

        /** A row is to be read again. */
        void deferred();

        void passed(String marker);

        /** The run cannot go on until an operator has mended something. */
        void halted(Fault why);

        void broken(Throwable bug);
    }

    private static final Logger LOG = LoggerFactory.getLogger(DeliveryRecorder.class);
    private static final long SAID_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final StateWriter writer;
    private final Counters counters;
    private final Ends ends;
    /** Of chunks behind which a scan has not come further, because it looks at some of their rows again. */
    private final Map<Long, Backfill.Tally> untold = new HashMap<>();

    private final Instant started = Instant.now();

    private Lsn position;
    private @Nullable Long parkedSaidAt;
    private long outageSince;
    private volatile @Nullable String outage;
    private volatile @Nullable Instant pausedUntil;

    /**
     * @param position the one that the store has
     */
    DeliveryRecorder(StateWriter writer, Counters counters, Lsn position, Ends ends) {
        this.writer = writer;
        this.counters = counters;
        this.position = position;
        this.ends = ends;
    }

    @Override
    public void holds(List<Pipeline.Holding> holdings, Runnable stored) {
        writer.addUrgent(
                holdings.stream()
                        .map(held -> (StateUpdate) new StateUpdate.Holds(held.userId(), held.addresses()))
                        .toList(),
                stored);
    }

    @Override
    public void deferred(RowKey key) {
        writer.add(new StateUpdate.Deferred(key));
        ends.deferred();
    }

    @Override
    public void rekeyed(Position at, RowKey from, RowKey to) {
        writer.add(new StateUpdate.Rekeyed(at, from, to, started));
    }

    @Override
    public void delivered(String userId, boolean whole) {
        counters.deliveredOne();
        writer.add(new StateUpdate.Delivered(userId, whole));
    }

    @Override
    public void parked(
            String userId, @Nullable RowKey key, int status, String reason, @Nullable String requestId, int attempts) {
        counters.parkedOne();
        long now = System.nanoTime();
        Long said = parkedSaidAt;
        if (said == null || now - said > SAID_EVERY_NANOS) {
            LOG.warn(
                    "Parked user {} ({}), {} in this run; `flameup-sync dead-letters list` tells who and why",
                    userId.isEmpty() ? "without an id" : userId,
                    status == 0 ? (attempts == 0 ? "not sent" : "no answer") : "status " + status,
                    counters.parked());
            parkedSaidAt = now;
        }
        writer.add(new StateUpdate.Parked(
                new DeadLetter(userId, key, status, reason, requestId, Instant.now(), attempts)));
    }

    @Override
    public void moved(Lsn to) {
        ends.moved();
        if (to.isAfter(position)) {
            position = to;
            writer.add(new StateUpdate.Moved(to));
        }
    }

    @Override
    public void scanned(long scan, @Nullable RowKey upTo, int rows, int overtaken, int parked) {
        counters.progressed();
        if (scan == KeyLookup.DEFERRED && upTo != null) {
            writer.add(RereadReader.settled(upTo));
        } else if (scan > KeyLookup.NO_SCAN) {
            Backfill.Tally tally = untold.getOrDefault(scan, Backfill.Tally.NONE)
                    .plus(new Backfill.Tally((long) rows + overtaken, (long) rows - parked, 0, parked));
            if (upTo == null) {
                untold.put(scan, tally);
            } else {
                untold.remove(scan);
                // At once, so that a killed process has to read little again.
                writer.addUrgent(List.of(new StateUpdate.Progress(scan, upTo, tally)), () -> {});
            }
        }
    }

    @Override
    public void scanEnded(long scan) {
        writer.add(new StateUpdate.BackfillDone(scan, Instant.now()));
        LOG.info("Backfill {} is done", scan);
    }

    @Override
    public void passed(String marker) {
        ends.passed(marker);
    }

    @Override
    public void replaced() {
        counters.replacedOne();
    }

    @Override
    public void emailHeld(String userId, String holder) {
        counters.emailHeldOne();
        LOG.debug("User {} takes an address that user {} still holds at Flameup", userId, holder);
    }

    @Override
    public void retrying(int status, Duration wait) {
        counters.retriedOne();
        LOG.debug("An attempt failed ({}); again in {}", status, wait);
    }

    @Override
    public void paused(Duration wait) {
        LOG.info(
                "The budget of the API is spent, or it has asked for a pause: nothing is sent for the next {} s",
                wait.toSeconds());
        pausedUntil = Instant.now().plus(wait).truncatedTo(ChronoUnit.SECONDS);
    }

    /** Until when nothing is sent, because the API wants it so; null where it is not known to. From any thread. */
    @Nullable
    Instant pausedUntil() {
        Instant until = pausedUntil;
        return until == null || until.isBefore(Instant.now()) ? null : until;
    }

    /** Why the newest request has failed, in an outage; null while there is none. From any thread. */
    @Nullable
    String outage() {
        String first = outage;
        return first == null ? null : Objects.requireNonNullElse(counters.lastFailure(), first);
    }

    @Override
    public void budget(long requests, Duration window) {
        writer.add(new StateUpdate.Allowance(requests, window));
    }

    @Override
    public void budgetNotUnderstood(String headers) {
        counters.unreadBudget(headers);
        LOG.warn(
                "Rate limit headers not understood: {}. Set flameup.max-requests-per-minute to the limit of your contract",
                headers);
    }

    @Override
    public void batchesGivenUp(String reason) {
        counters.batchesGivenUp(reason);
        LOG.warn("Batch call not usable: {}. Persons are sent one by one in this run, up to 100 times slower", reason);
    }

    @Override
    public void outage(int status, String reason) {
        outageSince = System.nanoTime();
        outage = status == 0 ? reason : "status " + status;
        LOG.warn(
                "Flameup does not answer as it should ({}); trying again and again until it does, nothing is lost",
                outage);
    }

    @Override
    public void outageOver() {
        outage = null;
        LOG.info("Flameup answers again, after {} s", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - outageSince));
    }

    @Override
    public void halted(Outcome.Refused why) {
        if (why.status() < 400) {
            ends.halted(new Fault(
                    ExitCode.REFUSED,
                    "Flameup answers with a redirect (status %s), which is not followed; put the right address into flameup.base-url. Nothing is lost"
                            .formatted(why.status())));
            return;
        }
        ends.halted(new Fault(
                ExitCode.REFUSED,
                "Flameup refuses with status %s; check flameup.token, its permissions, flameup.workspace and flameup.base-url. Nothing is lost"
                        .formatted(why.status())));
    }

    @Override
    public void haltedByRejections(Outcome.Rejected last) {
        ends.halted(tooMany(last));
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
                        + " See why with `flameup-sync dead-letters list`, put the mapping right, or raise"
                        + " delivery.halt-when-rejected");
    }

    @Override
    public void broken(Throwable bug) {
        ends.broken(bug);
    }
}
