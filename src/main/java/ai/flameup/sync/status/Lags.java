package ai.flameup.sync.status;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Computes the lag of a job: the age of the oldest commit that is not settled. Heartbeats show how old the changes are
 * that have not been read yet. Pure functions.
 */
final class Lags {
    /** An upper bound of a heartbeat's round trip if nothing delays it. */
    private static final Duration ROUND_TRIP = Duration.ofSeconds(2);

    private Lags() {}

    /** Null if the lag is not known yet. */
    static @Nullable Duration at(
            Instant now, @Nullable PipelineProbe run, PipelineSnapshot pipeline, HeartbeatLag beats) {
        Instant passed = beats.passedAt();
        Instant beat = beats.oldest();
        Instant oldest = pipeline.oldest().change();
        if (run == null) {
            Instant known = Instants.earlier(oldest, beat);
            return known == null && passed == null ? null : age(known == null ? passed : known, now);
        }
        Instant read = run.readUpTo();
        if (passed == null && read == null) {
            return null;
        }
        boolean reading = passed == null || age(beat, now).compareTo(ROUND_TRIP) > 0;
        if (reading) {
            Instant readTo = Instants.later(read, beats.passedWrittenAt());
            oldest = Instants.earlier(oldest, readTo == null ? beat : readTo);
        }
        return age(oldest, now);
    }

    private static Duration age(@Nullable Instant then, Instant now) {
        return then == null || then.isAfter(now) ? Duration.ZERO : Duration.between(then, now);
    }
}
