package ai.flameup.sync.state;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request to begin anew from the source as it is. Immutable.
 *
 * @param source what whoever asked took for it, as {@link Identity#source()} tells it
 * @param gap why a run asked for it; null where somebody did
 * @param requestedBy user@host, or what asked
 * @param backfillId of the backfill that brings every row again; null as long as the store has not begun anew
 */
public record Resync(
        long id,
        String source,
        @Nullable String gap,
        Instant requestedAt,
        String requestedBy,
        @Nullable Long backfillId) {}
