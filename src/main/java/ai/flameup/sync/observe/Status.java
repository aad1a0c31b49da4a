package ai.flameup.sync.observe;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a job stands at one moment: all that its operator is shown, by whatever way. Holds no personal data and no
 * secret. Immutable; what is not known is null.
 *
 * @param reason why, in one line; null where the state says it all
 * @param remedy what helps, as a command where there is one; null where nothing is to be done
 * @param since when this state began
 * @param ready whether it makes progress
 * @param notices what an operator ought to know or do, though it works
 * @param at the moment
 * @param people how many rows the table has, about
 * @param deadLetters how many, by status; {@code none} where the API was not asked or did not answer
 * @param backfills those that have not ended, in their order
 */
public record Status(
        State state,
        @Nullable String reason,
        @Nullable String remedy,
        Instant since,
        boolean ready,
        List<Notice> notices,
        Job job,
        Route route,
        Instant at,
        @Nullable Long people,
        Lag lag,
        Wal wal,
        Work work,
        Totals totals,
        Rates rates,
        @Nullable Budget budget,
        SortedMap<String, Long> deadLetters,
        long deferred,
        List<Backfill> backfills) {

    /** The same, seen at another moment. */
    public Status withAt(Instant moment) {
        return new Status(
                state,
                reason,
                remedy,
                since,
                ready,
                notices,
                job,
                route,
                moment,
                people,
                lag,
                wal,
                work,
                totals,
                rates,
                budget,
                deadLetters,
                deferred,
                backfills);
    }

    /**
     * @param name of few words with hyphens, the same for the same matter: {@code retained-wal}, {@code dead-letters}
     */
    public record Notice(
            String name, String message, @Nullable String remedy) {}

    /**
     * @param mode {@code run} or {@code until-caught-up}
     * @param exitCode that it ended with; null while it has not ended
     * @param lastSuccessAt when it came to its end as a finite run, or was last seen in step as one for ever; null where it
     *     has not yet
     */
    public record Job(
            String version,
            long pid,
            String mode,
            Instant startedAt,
            @Nullable Integer exitCode,
            @Nullable Instant lastSuccessAt) {
        /** Of one that has not ended, nor done what it was to do. */
        public Job(String version, long pid, String mode, Instant startedAt) {
            this(version, pid, mode, startedAt, null, null);
        }
    }

    /**
     * @param source host/database.schema.table
     * @param destination workspace and address
     */
    public record Route(String source, String destination) {}

    /**
     * @param seconds since the oldest change that is not settled was committed, or the oldest row was deferred, as far as
     *     is known; 0 in step
     * @param bytes of WAL from the stored position to the server's end
     */
    public record Lag(@Nullable Double seconds, @Nullable Long bytes) {}

    /**
     * @param slotStatus the server's {@code wal_status} of the slot
     * @param retainedBytes what the server keeps for the slot
     * @param limitBytes {@code postgres.max-retained-wal}
     * @param serverLimitBytes {@code max_slot_wal_keep_size}; null for none
     */
    public record Wal(
            String slot,
            @Nullable String slotStatus,
            @Nullable Long retainedBytes,
            long limitBytes,
            @Nullable Long serverLimitBytes) {}

    /**
     * @param waiting changes and rows that are read and not settled, without those in flight
     * @param inFlight requests
     */
    public record Work(
            long waiting,
            int inFlight,
            @Nullable Instant lastDeliveredAt,
            @Nullable Instant oldestWaitingAt) {}

    /** Since the process started. */
    public record Totals(
            long delivered,
            long requests,
            long retries,
            long parked,
            long savedUnchanged,
            long savedReplaced,
            long emailsHeld) {}

    /** Over the last minute. */
    public record Rates(double deliveredPerSecond, double requestsPerMinute) {}

    /** As the API told last. */
    public record Budget(long limit, long remaining, Instant reset) {}

    /**
     * @param kind {@code first_load}, {@code reload}, {@code all}, {@code where} or {@code ids}
     * @param state {@code queued}, {@code running} or {@code paused}
     * @param rowsTotal null where it is not known; an estimate for whole tables
     * @param secondsLeft at the present rate; null where there is none
     */
    public record Backfill(
            long id,
            String kind,
            String state,
            @Nullable Long rowsTotal,
            long rowsRead,
            long sent,
            long parked,
            @Nullable Long secondsLeft) {}
}
