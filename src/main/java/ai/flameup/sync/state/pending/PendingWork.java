package ai.flameup.sync.state.pending;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows and dead letters that are to be read and sent from their rows as they are by then. Immutable.
 *
 * @param rows deferred rows: a change could not carry all of their values
 * @param letters dead letters under a retry
 * @param firstRow the id of the deferred row that has waited longest; 0 for none. It changes if rows are read, even if
 *     their number does not
 * @param since when the oldest of them was requested; null if there is none
 */
public record PendingWork(
        long rows, long letters, long firstRow, @Nullable Instant since) {
    public static final PendingWork NOTHING = new PendingWork(0, 0, 0, null);

    public PendingWork with(List<Retry> open) {
        long underRetry = letters;
        Instant oldest = since;
        for (Retry retry : open) {
            underRetry += retry.tally().open();
            Instant at = retry.requested().at();
            oldest = oldest == null || at.isBefore(oldest) ? at : oldest;
        }
        return new PendingWork(rows, underRetry, firstRow, oldest);
    }

    public boolean isNothing() {
        return rows + letters == 0;
    }
}
