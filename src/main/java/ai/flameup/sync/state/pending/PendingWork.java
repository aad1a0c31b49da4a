package ai.flameup.sync.state.pending;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows and dead letters that are to be read and sent from their rows as they are by then. Immutable.
 *
 * @param letters dead letters under a retry
 * @param lettersSince when the oldest of these retries was requested; null if there is none
 */
public record PendingWork(Rows rows, long letters, @Nullable Instant lettersSince) {
    public static final PendingWork NOTHING = new PendingWork(new Rows(0, 0, null), 0, null);

    /**
     * Deferred rows: a change could not carry all of their values, or was not sent. A change of a watched table whose rows are not
     * found yet counts as one row.
     *
     * @param first a number that changes if rows are read, even if their number does not
     * @param since since when there has always been one; null if there is none
     */
    public record Rows(long number, long first, @Nullable Instant since) {
        public Rows with(Deferral deferral) {
            return with(new Rows(deferral.keys(), deferral.firstChange(), deferral.since()));
        }

        public Rows with(Rows other) {
            return new Rows(number + other.number, first + other.first, earlier(since, other.since));
        }
    }

    public static PendingWork of(Rows rows, List<Retry> open) {
        long letters = 0;
        Instant oldest = null;
        for (Retry retry : open) {
            letters += retry.tally().open();
            oldest = earlier(oldest, retry.requested().at());
        }
        return new PendingWork(rows, letters, oldest);
    }

    /** When the oldest of all was requested; null if there is none. */
    public @Nullable Instant since() {
        return earlier(rows.since(), lettersSince);
    }

    public boolean isNothing() {
        return rows.number() + letters == 0;
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        return one == null || (other != null && other.isBefore(one)) ? other : one;
    }
}
