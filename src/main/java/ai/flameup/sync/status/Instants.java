package ai.flameup.sync.status;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Compares instants that may be unknown. Pure functions. */
final class Instants {
    private Instants() {}

    /** The earlier of two instants, of which null is none. */
    static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    /** The later of two instants, of which null is none. */
    static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? other : one;
    }
}
