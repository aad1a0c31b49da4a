package ai.flameup.sync.status;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Notes when the counters last showed a settled person and a request. Not thread-safe. */
final class ActivityTracker {
    private final Counters counters;
    private long settled;
    private Instant settledAt;
    private long requests;
    private Instant requestedAt;

    ActivityTracker(Counters counters, Instant now) {
        this.counters = counters;
        this.settledAt = now;
        this.requestedAt = now;
    }

    /** A pipeline starts: it has time to send and to settle from now on. */
    void restart(Instant now) {
        settledAt = now;
        requestedAt = now;
    }

    void count(Instant now) {
        long nowSettled = counters.delivered() + counters.parked();
        if (nowSettled != settled) {
            settled = nowSettled;
            settledAt = now;
        }
        if (counters.requests() != requests) {
            requests = counters.requests();
            requestedAt = now;
        }
    }

    /** @param beat when a heartbeat last arrived, which counts as settled; null if none has */
    StatusInputs.Activity at(Instant now, @Nullable Instant beat) {
        return new StatusInputs.Activity(now, requestedAt, beat == null || beat.isBefore(settledAt) ? settledAt : beat);
    }
}
