package ai.flameup.sync.status;

import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.observe.Status;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What a run has done so far. Thread-safe. */
public final class Counters {
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong parked = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private final AtomicLong replaced = new AtomicLong();
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

    /** States that were outdated before they were sent, which saved a call each. */
    public long replaced() {
        return replaced.get();
    }

    /** Persons who took an address that another still held at Flameup. */
    public long emailsHeld() {
        return emailsHeld.get();
    }

    /** Null where nobody was delivered yet. */
    @Nullable
    Instant lastDeliveredAt() {
        long millis = lastDeliveredMillis;
        return millis == 0 ? null : Instant.ofEpochMilli(millis);
    }

    /** The rate limit headers that are not understood; null if there are none. */
    @Nullable
    public String unreadBudget() {
        return unreadBudget;
    }

    public void unreadBudget(String headers) {
        unreadBudget = headers;
    }

    /** Why the batch call is not used any more; null while it is. */
    @Nullable
    public String batchesGivenUp() {
        return batchesGivenUp;
    }

    public void batchesGivenUp(String reason) {
        batchesGivenUp = reason;
    }

    /** Why the newest request has failed; null if it has not. Without the API's own words, which may name a person. */
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

    /** Grows with everything that brings the run nearer to its end. */
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

    public void emailHeldOne() {
        emailsHeld.incrementAndGet();
    }

    public void progressed() {
        progress.incrementAndGet();
    }

    /** Unchanged persons are not skipped in this version, so their number is 0. */
    Status.Totals totals() {
        return new Status.Totals(delivered(), requests(), retries(), parked(), 0, replaced(), emailsHeld());
    }

    @Override
    public String toString() {
        return "Delivered %s, parked %s, with %s requests; %s attempts for a person failed and were repeated"
                .formatted(delivered(), parked(), requests(), retries());
    }
}
