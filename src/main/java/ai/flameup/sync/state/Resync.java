package ai.flameup.sync.state;

import ai.flameup.sync.state.pending.Requested;
import org.jspecify.annotations.Nullable;

/**
 * A request to start over from the source as it is. Immutable.
 *
 * @param source the source that the requester expects, as {@link Identity#source()}
 * @param gap the gap because of which a run requested it; null if an operator did
 * @param backfillId of the backfill that sends every row again; null until the resync is done
 */
public record Resync(
        long id,
        String source,
        @Nullable String gap,
        Requested requested,
        @Nullable Long backfillId) {}
