package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A backfill as the store has it. Immutable.
 *
 * @param id never used again for another
 * @param lastKey every row up to this key, in the key's order, is settled; null where none is yet
 * @param rows how many rows are settled
 * @param requestedBy user@host
 */
public record Backfill(
        long id, Kind kind, State state, @Nullable RowKey lastKey, long rows, Instant requestedAt, String requestedBy) {

    public enum Kind {
        /** The whole table, because nothing was delivered from it before. */
        FIRST_LOAD,
        /** The whole table, because somebody asked for it. */
        ALL
    }

    public enum State {
        RUNNING,
        PAUSED,
        DONE,
        CANCELLED,
        FAILED
    }
}
