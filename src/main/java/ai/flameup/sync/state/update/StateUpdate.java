package ai.flameup.sync.state.update;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.DeadLetter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One change of the store. All of them are immutable. */
public sealed interface StateUpdate {

    /** Everything up to the position is settled. Positions never move backwards. */
    record PositionAdvanced(Lsn position) implements StateUpdate {}

    /**
     * A state of the person was refused permanently. It replaces the person's dead letter, if there is one, and keeps its
     * id. If that letter was under a retry, the retry counts it as refused.
     */
    record Parked(DeadLetter letter) implements StateUpdate {}

    /**
     * A state of the person was accepted. A whole state settles the person's dead letter, if there is one. After a state
     * without some of the traits, the row of the letter is sent again.
     *
     * @param userId not empty
     */
    record Delivered(String userId, boolean whole) implements StateUpdate {
        public Delivered {
            requireKnown(userId);
        }
    }

    /**
     * The row of a dead letter under a retry no longer exists, so nothing can be sent. The letter stays with that reason.
     * A letter that is no longer under a retry does not change.
     */
    record Gone(long letterId) implements StateUpdate {}

    /**
     * The row of a letter without a person now maps to a person. The letter becomes that person's, so that the answer for
     * the person settles it. If the person has a letter already, that one stays and this one is deleted.
     *
     * @param userId not empty
     */
    record Identified(long letterId, String userId) implements StateUpdate {
        public Identified {
            requireKnown(userId);
        }
    }

    /**
     * What is known of the person at Flameup.
     *
     * @param userId not empty
     * @param at when it became known
     */
    record LedgerChanged(String userId, LedgerEntry entry, Instant at) implements StateUpdate {
        public LedgerChanged {
            requireKnown(userId);
        }
    }

    /**
     * More rows of a backfill are settled.
     *
     * @param lastKey as in {@link Backfill#lastKey()}
     * @param more the results of these rows
     */
    record Progress(long backfillId, RowKey lastKey, Backfill.Tally more) implements StateUpdate {}

    /**
     * A change could not carry all values of a row, which is to be read again.
     *
     * @param since when that became known; if the row is waiting already, the earlier time stays
     */
    record RereadRequested(RowKey key, Instant since) implements StateUpdate {
        public RereadRequested(RowKey key) {
            this(key, Instant.now());
        }
    }

    /**
     * A watched table was changed: the rows that the change concerns are to be found, and read again.
     *
     * @param since as in {@link RereadRequested}
     */
    record SearchRequested(WatchedChange change, Instant since) implements StateUpdate {}

    /** The keys of the rows that a change of a watched table concerns are stored. */
    record SearchDone(long id) implements StateUpdate {}

    /** A change is not sent: its row is read and sent later. */
    record ChangeDeferred(RowKey key) implements StateUpdate {}

    /**
     * A delete is not sent: the person is marked as deleted later, unless it has a row by then.
     *
     * @param userId not empty
     */
    record DeleteDeferred(String userId, Instant at) implements StateUpdate {
        public DeleteDeferred {
            requireKnown(userId);
        }
    }

    /**
     * A newer change of the row and the user is about to be sent, so that deferred ones need not be.
     *
     * @param resumeAt the position from which the stream repeats the change
     */
    record DeferredDropped(Lsn resumeAt, RowKey key, String userId) implements StateUpdate {}

    /** The deferred changes with these ids, both included, are settled. */
    record DeferredChangesSent(long fromId, long toId) implements StateUpdate {}

    /** The deferred deletes with these ids, both included, are settled. */
    record DeferredDeletesSent(long fromId, long toId) implements StateUpdate {}

    /**
     * The primary key of a row was changed: its dead letters get the new key.
     *
     * <p>After a start, a run reads some changes again. Dead letters that were parked before the start have followed the
     * changes that an earlier run stored. A letter that was parked after such a change may be of another row, which now has
     * the old key. So a change that is stored already applies only to letters that were parked in this run.
     *
     * @param at the position of the change in the stream
     * @param started when the run began to read the stream, by the clock that dates the letters
     */
    record Rekeyed(Position at, RowKey from, RowKey to, Instant started) implements StateUpdate {}

    /** The rows are about to be read: later requests for them have this time at the earliest. */
    record RereadStarted(List<RowKey> keys, Instant at) implements StateUpdate {}

    /** The deferred rows with these ids, both included, are settled. */
    record RereadDone(long fromId, long toId) implements StateUpdate {}

    /**
     * The API's budget: a number of requests in a window. Of several windows reported for the same number, the longest
     * counts, because a window that has already started looks shorter.
     *
     * @param requests at least 1
     * @param window whole seconds, at least one
     */
    record Budget(long requests, Duration window) implements StateUpdate {
        /** Rounded down. */
        public long requestsPerMinute() {
            return Math.max(1, requests * 60 / window.toSeconds());
        }
    }

    /**
     * A heartbeat has arrived through the stream. From now on the server's WAL must contain it.
     *
     * @param at its position in the WAL
     */
    record HeartbeatSeen(String marker, Lsn at) implements StateUpdate {}

    /** Every row of the backfill is settled. If it has ended already, it does not change. */
    record BackfillDone(long id, Instant at) implements StateUpdate {}

    /** The backfill cannot continue. If it has ended already, it does not change. */
    record BackfillFailed(long id, Instant at, String reason) implements StateUpdate {}

    private static void requireKnown(String userId) {
        if (userId.isEmpty()) {
            throw new IllegalArgumentException("the user id is empty");
        }
    }
}
