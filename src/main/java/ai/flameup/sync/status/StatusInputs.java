package ai.flameup.sync.status;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a job's state is told from. Immutable; what is not known is null.
 *
 * @param at the moment
 * @param doing what it is at before its pipeline works; null while that works
 * @param halt why it cannot go on; null while it can
 * @param end how it ended; null while it has not
 * @param apiTrouble the API's outage
 * @param streamTrouble why there is no stream, and since when
 * @param loading how far a load of every row is that is needed; null where there is none
 * @param held until when nothing is sent because the budget or the API wants it so; null where nothing is held
 * @param heldLately whether something was held within the last seconds
 * @param lag null until a heartbeat has come through; at least the age of what waits to be read again
 * @param again what waits to be read again; null if nothing does
 * @param oldestWaiting since when the oldest change or row is here that is not settled
 * @param requestedAt when the last request was sent, or the pipeline began
 * @param settledAt when somebody was delivered or parked, or a heartbeat came through, for the last time, or the pipeline
 *     began
 * @param retained WAL that the server keeps for the slot, in bytes
 * @param retainedLimit past which it is too much
 */
record StatusInputs(
        Instant at,
        @Nullable String doing,
        @Nullable Trouble halt,
        @Nullable Trouble end,
        @Nullable String apiTrouble,
        @Nullable Since streamTrouble,
        @Nullable String loading,
        @Nullable Instant held,
        boolean heldLately,
        @Nullable Duration lag,
        @Nullable Again again,
        @Nullable Instant oldestWaiting,
        Instant requestedAt,
        Instant settledAt,
        @Nullable Long retained,
        long retainedLimit) {

    /**
     * @param remedy null where nothing has to be done
     * @param isHalt whether it cannot go on before somebody has done something
     */
    record Trouble(String reason, @Nullable String remedy, boolean isHalt) {}

    /**
     * What waits to be read and sent from its row.
     *
     * @param rows deferred
     * @param letters dead letters under a retry
     * @param age of the one that waits for longest
     * @param movedAt when one was last read and settled, or the first came
     */
    record Again(long rows, long letters, Duration age, Instant movedAt) {}

    record Since(String what, Instant at) {}

    /** How long ago. */
    Duration ago(Instant then) {
        return Duration.between(then, at);
    }
}
