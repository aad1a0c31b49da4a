package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.RowKey;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A backfill as the store has it. Immutable.
 *
 * @param id never used again for another
 */
public record Backfill(long id, Scope scope, Requested requested, Progress progress, Course course) {

    /**
     * The rows that it sends again.
     *
     * @param condition in SQL, if it is a backfill by condition; null otherwise
     * @param changedOnly whether rows are not sent whose state Flameup has already
     */
    public record Scope(Kind kind, @Nullable String condition, boolean changedOnly) {}

    /**
     * The rows that are settled.
     *
     * @param keys how many rows a set of keys has; null for the whole table, and until all of them are found
     * @param lastKey every row up to this key, in the key's order, is settled. For a set of keys it is the ordinal up to
     *     which they are settled, as the only value. Null before the first row
     * @param tally the results of the rows that are settled
     */
    public record Progress(@Nullable Long keys, @Nullable RowKey lastKey, Tally tally) {}

    /**
     * Its state, and how it came to it.
     *
     * @param startedAt null until something is read for it
     * @param endedAt null until it has ended
     * @param reason why it failed; null if it did not
     */
    public record Course(
            State state,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String reason) {}

    public enum Kind {
        /** The whole table, because nothing was delivered from it before. */
        FIRST_LOAD,
        /** The whole table, because the store no longer shows what was delivered from it. */
        RELOAD,
        /** The whole table, because an operator requested it. */
        ALL,
        /** The rows that match a condition when the backfill starts. */
        WHERE,
        /** Rows that were named by id. */
        IDS,
        /** The persons that were delivered and whose rows are gone. */
        GONE;

        /** Whether only this backfill delivers the rows that are older than the slot. Then it cannot fail, only wait. */
        public boolean isNeeded() {
            return this == FIRST_LOAD || this == RELOAD;
        }

        /** Whether it reads every row of the table. */
        public boolean isOfWholeTable() {
            return isNeeded() || this == ALL;
        }

        /** Whether it has a set of keys in the store. */
        public boolean isByKeys() {
            return this == WHERE || this == IDS;
        }
    }

    public enum State {
        /** Requested, and waiting for its turn. */
        QUEUED,
        RUNNING,
        PAUSED,
        DONE,
        CANCELLED,
        FAILED;

        public boolean isEnd() {
            return this == DONE || this == CANCELLED || this == FAILED;
        }
    }

    /**
     * How many rows are settled, and how.
     *
     * @param rows all of them: those below, rows whose newer state came through the stream, and rows without a person
     * @param sent accepted by the API
     * @param unchanged not sent, because the API has them
     * @param parked dead letters now
     */
    public record Tally(long rows, long sent, long unchanged, long parked) {
        public static final Tally NONE = new Tally(0, 0, 0, 0);

        /** The rows whose newer state came through the stream, and the rows without a person. */
        public long overtaken() {
            return rows - sent - unchanged - parked;
        }

        public Tally plus(Tally more) {
            return new Tally(rows + more.rows, sent + more.sent, unchanged + more.unchanged, parked + more.parked);
        }
    }

    public Kind kind() {
        return scope.kind;
    }

    public boolean changedOnly() {
        return scope.changedOnly;
    }

    public @Nullable String condition() {
        return scope.condition;
    }

    public @Nullable Long keys() {
        return progress.keys;
    }

    public @Nullable RowKey lastKey() {
        return progress.lastKey;
    }

    public Tally tally() {
        return progress.tally;
    }

    public State state() {
        return course.state;
    }

    public @Nullable String reason() {
        return course.reason;
    }

    /** The ordinal up to which a set of keys is settled; 0 before the first. */
    public long lastOrdinal() {
        return Optional.ofNullable(lastKey())
                .map(key -> Long.parseLong(key.values().get(0)))
                .orElse(0L);
    }
}
