package ai.flameup.sync.observe;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A change of a job's state that operators want to date. Contains no personal data and no secret. Immutable.
 *
 * @param at when it was noticed, within about a second
 * @param message details in one line; null if the kind says it all
 */
public record Event(Instant at, Kind kind, @Nullable String message) {

    /** What happened. */
    public enum Kind {
        STARTED,
        STOPPED,
        HALTED,
        RESUMED,
        OUTAGE_BEGAN,
        OUTAGE_ENDED,
        DEFERRAL_BEGAN,
        DEFERRAL_ENDED,
        /** Whether it is done, failed or was cancelled. */
        BACKFILL_ENDED;

        /** The name in JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @throws IllegalArgumentException if no kind has this label */
        static Kind of(String label) {
            return valueOf(label.toUpperCase(Locale.ROOT));
        }
    }
}
