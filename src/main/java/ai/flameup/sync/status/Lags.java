package ai.flameup.sync.status;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far behind a job is: the age of the oldest commit that is not settled. What is not read yet is known by the
 * heartbeat that has not come through. Pure functions.
 */
final class Lags {
    /** What the way of a heartbeat takes at most where nothing is in its way. */
    private static final Duration ROUND_TRIP = Duration.ofSeconds(2);

    private Lags() {}

    /** Null where that is not known yet. */
    static @Nullable Duration at(Instant now, @Nullable PipelineProbe run, PipelineSnapshot onWay, HeartbeatLag beats) {
        Instant passed = beats.passedAt();
        Instant beat = beats.oldest();
        if (run == null) {
            Instant known = earlier(onWay.oldestChange(), beat);
            return known == null && passed == null ? null : age(known == null ? passed : known, now);
        }
        Instant read = run.readUpTo();
        if (passed == null && read == null) {
            return null;
        }
        boolean reading = passed == null || age(beat, now).compareTo(ROUND_TRIP) > 0;
        Instant oldest = onWay.oldestChange();
        if (reading) {
            Instant readTo = later(read, beats.passedWrittenAt());
            oldest = earlier(oldest, readTo == null ? beat : readTo);
        }
        return age(oldest, now);
    }

    private static Duration age(@Nullable Instant then, Instant now) {
        return then == null || then.isAfter(now) ? Duration.ZERO : Duration.between(then, now);
    }

    static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? other : one;
    }
}
