package ai.flameup.sync.status;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The last pause that the pipeline reported: a budget that only spreads the requests pauses them again and again. Not thread-safe. */
final class LastPause {
    private static final Duration LATELY = Duration.ofSeconds(5);

    private PipelineSnapshot.@Nullable Pause last;
    private Instant seenAt = Instant.EPOCH;

    /** @param now null if nothing pauses the pipeline */
    void record(PipelineSnapshot.@Nullable Pause now, Instant at) {
        if (now != null) {
            last = now;
            seenAt = at;
        }
    }

    /** @param now null if nothing pauses the pipeline */
    StatusInputs.Pause at(PipelineSnapshot.@Nullable Pause now, Instant at) {
        return new StatusInputs.Pause(
                now, last != null && Duration.between(seenAt, at).compareTo(LATELY) < 0 ? last.cause() : null);
    }
}
