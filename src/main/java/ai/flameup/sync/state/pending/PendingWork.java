package ai.flameup.sync.state.pending;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows and dead letters that are to be read and sent from their rows as they are by then. Immutable.
 *
 * @param rows deferred rows: a change could not carry all of their values, or was not sent
 * @param letters dead letters under a retry
 * @param firstRow a number that changes if rows are read, even if their number does not
 * @param since when the oldest of them was requested; null if there is none
 */
public record PendingWork(
        long rows, long letters, long firstRow, @Nullable Instant since) {
    public static final PendingWork NOTHING = new PendingWork(0, 0, 0, null);

    public PendingWork with(Deferral deferral) {
        return new PendingWork(
                rows + deferral.keys(), letters, firstRow + deferral.firstChange(), earlier(since, deferral.since()));
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }

    public PendingWork with(List<Retry> open) {
        long underRetry = letters;
        Instant oldest = since;
        for (Retry retry : open) {
            underRetry += retry.tally().open();
            oldest = earlier(oldest, retry.requested().at());
        }
        return new PendingWork(rows, underRetry, firstRow, oldest);
    }

    public boolean isNothing() {
        return rows + letters == 0;
    }
}
