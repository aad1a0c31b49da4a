package ai.flameup.sync.observe;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The status of a job at one moment: everything that operators see, by any channel. Contains no personal data and no secret.
 * Immutable; unknown values are null.
 *
 * @param at the moment
 */
public record Status(Instant at, Health health, Job job, Source source, Delivery delivery) {

    public State state() {
        return health.state();
    }

    /** Why the job is in this state, in one line; null if the state says it all. */
    public @Nullable String reason() {
        return health.advice().reason();
    }

    /** What an operator can do, in sentences with commands between backticks; null if nothing has to be done. */
    public @Nullable String remedy() {
        return health.advice().remedy();
    }

    /** Whether the job makes progress. */
    public boolean ready() {
        return health.ready();
    }

    /** The same status at another moment. */
    public Status withAt(Instant moment) {
        return new Status(moment, health, job, source, delivery);
    }

    /**
     * @param since when the state began
     * @param ready whether the job makes progress
     * @param notices what an operator should know or do while the job works
     */
    public record Health(State state, Instant since, boolean ready, Advice advice, List<Notice> notices) {}

    /**
     * @param reason why the job is in its state, in one line; null if the state says it all
     * @param remedy what an operator can do, in sentences with commands between backticks; null if nothing has to be done
     */
    public record Advice(@Nullable String reason, @Nullable String remedy) {}

    /** @param name identifies the subject, in lower case with hyphens: {@code retained-wal}, {@code dead-letters} */
    public record Notice(
            String name, String message, @Nullable String remedy) {}

    /**
     * @param exitCode null while the process is running
     * @param lastSuccessAt when the process was completed as a finite run, or was last in step as a continuous one; null
     *     before that
     */
    public record Job(
            Instance process,
            Route route,
            @Nullable Integer exitCode,
            @Nullable Instant lastSuccessAt) {}

    /**
     * A process.
     *
     * @param host the name of its machine or container; null if unknown
     * @param mode {@code run} or {@code until-caught-up}
     */
    public record Instance(@Nullable String host, String version, long pid, String mode, Instant startedAt) {}

    /**
     * @param source host/database.schema.table
     * @param destination workspace and address
     */
    public record Route(String source, String destination) {}

    /**
     * The table and what is left to read.
     *
     * @param people the estimated number of rows of the table
     * @param backfills those that have not ended, in their order
     */
    public record Source(@Nullable Long people, Lag lag, Wal wal, Deferred deferred, List<Backfill> backfills) {}

    /**
     * Rows that will be read and sent as they are by then.
     *
     * @param keys their number
     * @param since since when there has always been one; null if there is none
     * @param sentPerSecond by how many they became fewer, over the last minute at most; 0 while they become more
     * @param secondsLeft at this rate; null without one
     */
    public record Deferred(
            long keys,
            @Nullable Instant since,
            double sentPerSecond,
            @Nullable Long secondsLeft) {}

    /**
     * @param seconds since the oldest unsettled change was committed or the oldest row was deferred; 0 in step
     * @param bytes of WAL from the stored position to the end of the server's WAL
     */
    public record Lag(@Nullable Double seconds, @Nullable Long bytes) {}

    /**
     * @param slotStatus the server's {@code wal_status} of the slot; {@code missing} if the server has no such slot
     * @param retainedBytes what the server retains for the slot
     * @param limitBytes {@code postgres.max-retained-wal}
     * @param serverLimitBytes {@code max_slot_wal_keep_size}; null if unlimited
     */
    public record Wal(
            String slot,
            @Nullable String slotStatus,
            @Nullable Long retainedBytes,
            long limitBytes,
            @Nullable Long serverLimitBytes) {
        /** Whether the slot does not exist or was invalidated. Then nothing can be read from it. */
        public boolean isSlotGone() {
            return "lost".equals(slotStatus) || MISSING.equals(slotStatus);
        }

        /** The {@link #slotStatus} of a slot that does not exist. */
        public static final String MISSING = "missing";
    }

    /**
     * @param kind {@code first_load}, {@code reload}, {@code all}, {@code where} or {@code ids}
     * @param state {@code queued}, {@code running} or {@code paused}
     */
    public record Backfill(long id, String kind, String state, Progress progress) {}

    /**
     * @param rowsTotal an estimate for whole tables; null if unknown
     * @param secondsLeft at the current rate; null without one
     */
    public record Progress(
            @Nullable Long rowsTotal,
            long rowsRead,
            long sent,
            long parked,
            @Nullable Long secondsLeft) {}

    /**
     * What is left to send, and what was sent.
     *
     * @param budget as last reported by the API
     */
    public record Delivery(
            Work work, Totals totals, Rates rates, @Nullable Budget budget, Unresolved unresolved) {}

    /**
     * Persons of whom Flameup may not have the right state until an operator acts.
     *
     * @param deadLetters their number by status; {@code none} for those without a response, {@code not_sent} for those without
     *     a request
     * @param sharedEmails persons who share an email address with another at Flameup
     */
    public record Unresolved(SortedMap<String, Long> deadLetters, long sharedEmails) {
        /** The number of dead letters. */
        public long letters() {
            return deadLetters.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * @param waiting changes and rows that are not settled, without those in flight; estimated as far as they were not read
     * @param secondsLeft how long they take at the present rate, or at the budget; null if neither is known
     * @param inFlight requests
     */
    public record Work(
            long waiting,
            @Nullable Long secondsLeft,
            int inFlight,
            @Nullable Instant lastDeliveredAt,
            @Nullable Instant oldestWaitingAt) {}

    /** Since the process started. */
    public record Totals(long delivered, long parked, Requests requests, Saved saved, long emailsHeld) {}

    /**
     * @param sent all requests, repeated ones too
     * @param repeated attempts for a person that were repeated
     */
    public record Requests(long sent, long repeated) {}

    /**
     * Calls that were not necessary.
     *
     * @param unchanged because Flameup already had the state
     * @param superseded because a newer state superseded a waiting one
     */
    public record Saved(long unchanged, long superseded) {}

    /** Over the last minute. */
    public record Rates(double deliveredPerSecond, double requestsPerMinute) {}

    public record Budget(long limit, long remaining, Instant reset) {}
}
