package ai.flameup.sync.status;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.observe.Status;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts what a process has done so far. Thread-safe. */
public final class Counters {
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong parked = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong replaced = new AtomicLong();
    private final AtomicLong unchanged = new AtomicLong();
    private final AtomicLong deferred = new AtomicLong();
    private final AtomicLong emailsHeld = new AtomicLong();
    private final AtomicLong backfillsFailed = new AtomicLong();
    private volatile @Nullable String unreadBudget;
    private volatile @Nullable String batchesGivenUp;
    private volatile @Nullable String lastFailure;
    private volatile long lastDeliveredMillis;
    private final AtomicLong progress = new AtomicLong();

    public long delivered() {
        return delivered.get();
    }

    public long parked() {
        return parked.get();
    }

    public long requests() {
        return requests.get();
    }

    public long retries() {
        return retries.get();
    }

    /** Superseded states, each of which saved a request. */
    public long replaced() {
        return replaced.get();
    }

    /** States that were not sent, because Flameup had them already. */
    public long unchanged() {
        return unchanged.get();
    }

    /** Changes that were deferred. */
    public long deferred() {
        return deferred.get();
    }

    /** How often a person was to be sent with an address that another person held at Flameup. */
    public long emailsHeld() {
        return emailsHeld.get();
    }

    /** Null if no person was delivered yet. */
    @Nullable
    Instant lastDeliveredAt() {
        long millis = lastDeliveredMillis;
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    /** The rate limit headers that could not be parsed; null if there are none. */
    @Nullable
    public String unreadBudget() {
        return unreadBudget;
    }

    public void unreadBudget(String headers) {
        unreadBudget = headers;
    }

    /** Why the batch call is no longer used; null while it is used. */
    @Nullable
    public String batchesGivenUp() {
        return batchesGivenUp;
    }

    public void batchesGivenUp(String reason) {
        batchesGivenUp = reason;
    }

    /** Why the last request failed; null if it succeeded. Without the API's words, which may name a person. */
    @Nullable
    public String lastFailure() {
        return lastFailure;
    }

    public void answered(Outcome outcome) {
        lastFailure = outcome instanceof Outcome.Failed failed
                ? failed.status() == 0 ? failed.reason() : "status " + failed.status()
                : null;
    }

    public long backfillsFailed() {
        return backfillsFailed.get();
    }

    /** Whether a person was parked or a backfill failed in this run. */
    public boolean hasFailures() {
        return parked() + backfillsFailed() > 0;
    }

    /** Changes and rows that are settled, one way or another. Deferred ones are not. */
    long settled() {
        return delivered() + parked() + replaced() + unchanged();
    }

    /** A number that grows with all progress towards the end of the run. */
    public long progress() {
        return progress.get();
    }

    public void deliveredOne() {
        delivered.incrementAndGet();
        lastDeliveredMillis = System.currentTimeMillis();
        progressed();
    }

    public void parkedOne() {
        parked.incrementAndGet();
        progressed();
    }

    public void backfillFailedOne() {
        backfillsFailed.incrementAndGet();
        progressed();
    }

    public void requestedOne() {
        requests.incrementAndGet();
    }

    public void retriedOne() {
        retries.incrementAndGet();
    }

    public void replacedOne() {
        replaced.incrementAndGet();
        progressed();
    }

    public void unchangedOne() {
        unchanged.incrementAndGet();
        progressed();
    }

    public void deferredOne() {
        deferred.incrementAndGet();
        progressed();
    }

    public void emailHeldOne() {
        emailsHeld.incrementAndGet();
    }

    public void progressed() {
        progress.incrementAndGet();
    }

    /** The totals for the status. */
    Status.Totals totals() {
        return new Status.Totals(
                delivered(),
                parked(),
                new Status.Requests(requests(), retries()),
                new Status.Saved(unchanged(), replaced()),
                emailsHeld());
    }

    @Override
    public String toString() {
        return "Delivered %s, parked %s, with %s requests; %s attempts for a person failed and were repeated"
                .formatted(delivered(), parked(), requests(), retries());
    }
}
