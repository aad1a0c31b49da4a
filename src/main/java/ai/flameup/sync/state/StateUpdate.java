package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import java.time.Instant;

/** One thing that a transaction of the store changes. All of them are immutable. */
public sealed interface StateUpdate {

    /** Everything up to the position is settled. Positions never go backwards. */
    record Moved(Lsn position) implements StateUpdate {}

    /** Replaces the person's dead letter, if there is one. */
    record Parked(DeadLetter letter) implements StateUpdate {}

    /**
     * A whole state of the person was accepted, which settles the person's dead letter, if there is one.
     *
     * @param userId not empty
     */
    record Delivered(String userId) implements StateUpdate {
        public Delivered {
            if (userId.isEmpty()) {
                throw new IllegalArgumentException("nobody without a user id is ever delivered");
            }
        }
    }

    /**
     * More rows of a backfill are settled.
     *
     * @param lastKey every row of the backfill up to this key is settled
     * @param rows how many more than before
     */
    record Progress(long backfillId, RowKey lastKey, long rows) implements StateUpdate {}

    /** Every row of the backfill is settled. One that has ended already stays as it ended. */
    record BackfillDone(long id, Instant at) implements StateUpdate {}

    /** The backfill cannot go on. One that has ended already stays as it ended. */
    record BackfillFailed(long id, Instant at, String reason) implements StateUpdate {}
}
