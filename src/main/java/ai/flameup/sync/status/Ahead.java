package ai.flameup.sync.status;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.pipeline.DeliveryGauges;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is ahead of a job, and how long it takes. The pipeline holds a limited part of it: the rest is in the table,
 * in the store, and in the server's WAL. Not thread-safe.
 */
final class Ahead {
    /** Less WAL, in bytes, does not show how dense the changes in it are. */
    private static final long MIN_WAL = 64 << 10;

    private Speed settled = new Speed();

    /**
     * The changes and rows that are neither settled nor in flight. Without a full intake and a load of a whole table it is exact.
     *
     * @param people the estimated number of the table's rows; null if unknown
     * @param walEnd the end of the server's WAL; null if unknown
     */
    static long count(DeliveryGauges.Open open, StoreSummary stored, @Nullable Long people, @Nullable Lsn walEnd) {
        // Rows in the pipeline stay in the store, and in the rest of their backfill, until they are settled.
        long rows = Math.max(open.rows(), stored.rowsAhead(people));
        return Math.max(0, open.changes() + unread(open, walEnd) + rows - open.inFlight());
    }

    /** Estimates the changes that the stream has not read, from those that it has read. */
    private static long unread(DeliveryGauges.Open open, @Nullable Lsn walEnd) {
        Lsn from = open.stream().from();
        Lsn to = open.stream().to();
        if (!open.stream().isFull() || from == null || to == null || walEnd == null) {
            return 0;
        }
        long read = to.value() - from.value();
        return read < MIN_WAL ? 0 : (long) ((double) open.changes() * Math.max(0, walEnd.value() - to.value()) / read);
    }

    /** Measures the speed while something is ahead. To be called every second. */
    void record(Instant at, Counters counters, boolean isAnything) {
        if (isAnything) {
            settled.record(at, counters.settled());
        } else {
            settled = new Speed();
        }
    }

    /**
     * The seconds that so many persons take; null without any, and if neither the speed nor the budget is known.
     *
     * @param allowedPerSecond what the budget allows; null without one
     */
    @Nullable
    Long secondsLeft(long persons, @Nullable Double allowedPerSecond) {
        return persons == 0 ? null : settled.secondsLeft(persons, allowedPerSecond);
    }
}
