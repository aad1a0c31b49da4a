package ai.flameup.sync.app;

import ai.flameup.sync.delivery.Outcome;
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
    String unreadBudget() {
        return unreadBudget;
    }

    void unreadBudget(String headers) {
        unreadBudget = headers;
    }

    /** Why the batch call is not used any more; null while it is. */
    @Nullable
    String batchesGivenUp() {
        return batchesGivenUp;
    }

    void batchesGivenUp(String reason) {
        batchesGivenUp = reason;
    }

    /** Why the newest request has failed; null if it has not. Without the API's own words, which may name a person. */
    @Nullable
    String lastFailure() {
        return lastFailure;
    }

    void answered(Outcome outcome) {
        lastFailure = outcome instanceof Outcome.Failed failed
                ? failed.status() == 0 ? failed.reason() : "status " + failed.status()
                : null;
    }

    long backfillsFailed() {
        return backfillsFailed.get();
    }

    /** Grows with everything that brings the run nearer to its end. */
    long progress() {
        return progress.get();
    }

    void deliveredOne() {
        delivered.incrementAndGet();
        lastDeliveredMillis = System.currentTimeMillis();
        progressed();
    }

    void parkedOne() {
        parked.incrementAndGet();
        progressed();
    }

    void backfillFailedOne() {
        backfillsFailed.incrementAndGet();
        progressed();
    }

    void requestedOne() {
        requests.incrementAndGet();
    }

    void retriedOne() {
        retries.incrementAndGet();
    }

    void replacedOne() {
        replaced.incrementAndGet();
        progressed();
    }

    void emailHeldOne() {
        emailsHeld.incrementAndGet();
    }

    void progressed() {
        progress.incrementAndGet();
    }

    @Override
    public String toString() {
        return "Delivered %s, parked %s, with %s requests; %s attempts for a person failed and were repeated"
                .formatted(delivered(), parked(), requests(), retries());
    }
}
