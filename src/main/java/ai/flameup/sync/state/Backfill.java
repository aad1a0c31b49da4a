package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A backfill as the store has it. Immutable.
 *
 * @param id never used again for another
 * @param condition in SQL, of a backfill by one; null for others
 * @param keys how many rows a set of keys has; null for the whole table, and as long as they are not found
 * @param lastKey every row up to this key, in the key's order, is settled; of a set of keys, every one up to the ordinal
 *     that is its only value; null where none is yet
 * @param tally what became of the rows that are settled
 * @param requestedBy user@host
 * @param startedAt null as long as nothing was read for it
 * @param endedAt null as long as it has not ended
 * @param reason why it failed; null where it did not
 */
public record Backfill(
        long id,
        Kind kind,
        State state,
        @Nullable String condition,
        @Nullable Long keys,
        @Nullable RowKey lastKey,
        Tally tally,
        Instant requestedAt,
        String requestedBy,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable String reason) {

    public enum Kind {
        /** The whole table, because nothing was delivered from it before. */
        FIRST_LOAD,
        /** The whole table, because what was delivered from it is not known any more. */
        RELOAD,
        /** The whole table, because somebody asked for it. */
        ALL,
        /** The rows that a condition holds for when it begins. */
        WHERE,
        /** Rows that were named. */
        IDS;

        /** Whether nothing but this brings rows that were there before the slot: it cannot fail, only wait. */
        public boolean isNeeded() {
            return this == FIRST_LOAD || this == RELOAD;
        }

        /** Whether it has a set of keys in the store. */
        public boolean isByKeys() {
            return this == WHERE || this == IDS;
        }
    }

    public enum State {
        /** Asked for; its turn has not come. */
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
     * @param rows all of them: besides those below, rows that the stream brought in a newer state, and rows without a
     *     person
     * @param sent accepted by the API
     * @param unchanged not sent, because the API has them
     * @param parked dead letters now
     */
    public record Tally(long rows, long sent, long unchanged, long parked) {
        public static final Tally NONE = new Tally(0, 0, 0, 0);

        /** Of these the stream brought a newer state, or they are nobody's. */
        public long overtaken() {
            return rows - sent - unchanged - parked;
        }

        public Tally plus(Tally more) {
            return new Tally(rows + more.rows, sent + more.sent, unchanged + more.unchanged, parked + more.parked);
        }
    }

    /** Up to which ordinal a set of keys is settled; 0 for none of them. */
    public long lastOrdinal() {
        return Optional.ofNullable(lastKey)
                .map(key -> Long.parseLong(key.values().get(0)))
                .orElse(0L);
    }
}
