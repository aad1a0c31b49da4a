package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One thing that a transaction of the store changes. All of them are immutable. */
public sealed interface StateUpdate {

    /** Everything up to the position is settled. Positions never go backwards. */
    record Moved(Lsn position) implements StateUpdate {}

    /**
     * A state of the person was refused for good. It replaces the person's dead letter, if there is one, whose id stays;
     * where that was under a retry, the retry has been refused.
     */
    record Parked(DeadLetter letter) implements StateUpdate {}

    /**
     * A state of the person was accepted. A whole one settles the person's dead letter, if there is one; one from which
     * traits were left out has the letter's row sent again.
     *
     * @param userId not empty
     */
    record Delivered(String userId, boolean whole) implements StateUpdate {
        public Delivered {
            requireKnown(userId);
        }
    }

    /**
     * The row of a dead letter under a retry is not there any more, so nothing can be sent. The letter stays, and says so.
     * One that is not under a retry any more, settled meanwhile for one, stays as it is.
     */
    record Gone(long letterId) implements StateUpdate {}

    /**
     * The row of a letter whose person was not known maps to a person now: the letter is that person's from here on, so
     * that what is answered to the person settles it. Where the person has a letter already, that one stands for both.
     *
     * @param userId not empty
     */
    record Identified(long letterId, String userId) implements StateUpdate {
        public Identified {
            requireKnown(userId);
        }
    }

    /**
     * The addresses that the person may hold at Flameup are exactly these, as {@link AddressHash} numbers them.
     *
     * @param userId not empty
     */
    @SuppressWarnings(
            "ArrayRecordComponent") // Copied and compared by content; a list of 20,000 a second would be boxed.
    record Holds(String userId, long... addresses) implements StateUpdate {
        public Holds {
            requireKnown(userId);
            addresses = addresses.clone();
        }

        @Override
        public long[] addresses() {
            return addresses.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Holds holds
                    && userId.equals(holds.userId)
                    && Arrays.equals(addresses, holds.addresses);
        }

        @Override
        public int hashCode() {
            return Objects.hash(userId, Arrays.hashCode(addresses));
        }
    }

    /**
     * More rows of a backfill are settled.
     *
     * @param lastKey as in {@link Backfill#lastKey()}
     * @param more what became of them
     */
    record Progress(long backfillId, RowKey lastKey, Backfill.Tally more) implements StateUpdate {}

    /**
     * A change could not carry all of a row, which is to be read again.
     *
     * @param since since when it waits for that; if it waits already, it is that earlier time that counts
     */
    record Deferred(RowKey key, Instant since) implements StateUpdate {
        public Deferred(RowKey key) {
            this(key, Instant.now());
        }
    }

    /**
     * A row has another primary key: its dead letters are found by that from here on.
     *
     * <p>A run that starts reads changes again. A dead letter that was parked before the run has followed those already
     * that an earlier run stored, and a letter that was parked after them may be of another row, which has the former key
     * now. So a change that is stored already applies only to letters that were parked in this run.
     *
     * @param at the place of the change in the stream
     * @param started when the run began to read the stream, by the clock that dates the letters
     */
    record Rekeyed(Position at, RowKey from, RowKey to, Instant started) implements StateUpdate {}

    /** Rows that were to be read again are about to be read: what is deferred from now on waits since then at the earliest. */
    record BeingRead(List<RowKey> keys, Instant at) implements StateUpdate {}

    /** Rows that were to be read again are settled, all that were asked for with these ids, both included. */
    record Reread(long fromId, long toId) implements StateUpdate {}

    /**
     * The API's budget: so many requests in a window. Of windows told for the same number the longest counts, because one
     * that was met in its midst looks shorter.
     *
     * @param requests at least 1
     * @param window whole seconds, at least one
     */
    record Allowance(long requests, Duration window) implements StateUpdate {
        /** Rounded down. */
        public long requestsPerMinute() {
            return Math.max(1, requests * 60 / window.toSeconds());
        }
    }

    /**
     * A heartbeat has come through: what the server's WAL holds from now on.
     *
     * @param at where it stands
     */
    record Witness(String marker, Lsn at) implements StateUpdate {}

    /** Every row of the backfill is settled. One that has ended already stays as it ended. */
    record BackfillDone(long id, Instant at) implements StateUpdate {}

    /** The backfill cannot go on. One that has ended already stays as it ended. */
    record BackfillFailed(long id, Instant at, String reason) implements StateUpdate {}

    private static void requireKnown(String userId) {
        if (userId.isEmpty()) {
            throw new IllegalArgumentException("nobody without a user id is ever delivered");
        }
    }
}
