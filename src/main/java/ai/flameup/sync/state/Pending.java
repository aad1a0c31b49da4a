package ai.flameup.sync.state;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be read and sent from its row as it is by then. Immutable.
 *
 * @param rows deferred: a change could not carry all of them
 * @param letters dead letters under a retry
 * @param firstRow the id of the deferred row that waits for longest; 0 for none. Rows that go and rows that stay are told
 *     apart by it
 * @param since since when the oldest of all waits; null if nothing does
 */
public record Pending(
        long rows, long letters, long firstRow, @Nullable Instant since) {
    public static final Pending NOTHING = new Pending(0, 0, 0, null);

    Pending with(List<Retry> open) {
        long underRetry = letters;
        Instant oldest = since;
        for (Retry retry : open) {
            underRetry += retry.tally().open();
            Instant at = retry.requested().at();
            oldest = oldest == null || at.isBefore(oldest) ? at : oldest;
        }
        return new Pending(rows, underRetry, firstRow, oldest);
    }

    public boolean isNothing() {
        return rows + letters == 0;
    }
}
