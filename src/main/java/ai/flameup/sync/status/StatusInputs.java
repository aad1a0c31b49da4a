package ai.flameup.sync.status;

import ai.flameup.sync.pipeline.DeliveryGauges.PauseCause;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The inputs of a {@link HealthAssessment}. Immutable; what is unknown is null. */
record StatusInputs(Job job, Outages outages, Backlog backlog, Activity activity, Wal wal) {
    /**
     * What the job has reported.
     *
     * @param starting what it does before its pipeline starts; null while the pipeline runs
     * @param halt why it is halted; null if it is not
     * @param end how it ended; null if it has not
     */
    record Job(
            @Nullable String starting,
            @Nullable Trouble halt,
            @Nullable Trouble end) {}

    /**
     * @param remedy null if nothing has to be done
     * @param isHalt whether the job needs an operator before it can continue
     */
    record Trouble(String reason, @Nullable String remedy, boolean isHalt) {
        /** The same trouble, with what has happened since. */
        Trouble and(String since) {
            return new Trouble(reason + "; " + since, remedy, isHalt);
        }
    }

    /**
     * @param api why the API is unavailable; null if it is available
     * @param stream why there is no replication stream; null if there is one
     */
    record Outages(@Nullable String api, @Nullable Since stream) {}

    record Since(String reason, Instant at) {}

    /**
     * What is not settled yet.
     *
     * @param loading the progress of a load of every row that is required; null if there is none
     * @param lag at least the age of what waits to be read again; null until the first heartbeat has arrived
     * @param again what waits to be read again; null if nothing does
     * @param oldest when the oldest change or row that is not settled arrived; null if there is none
     */
    record Backlog(
            @Nullable String loading,
            Pause pause,
            @Nullable Duration lag,
            @Nullable Rereads again,
            @Nullable Instant oldest) {}

    /**
     * Sending that the budget or the API delays.
     *
     * @param now null if nothing is delayed
     * @param lately what delayed something within the last seconds; null if nothing did
     */
    record Pause(
            PipelineSnapshot.@Nullable Pause now, @Nullable PauseCause lately) {}

    /**
     * What waits to be read and sent from its row.
     *
     * @param rows deferred rows
     * @param letters dead letters under a retry
     * @param age of the oldest of them
     * @param movedAt when the last one was settled, or the first one was added
     */
    record Rereads(long rows, long letters, Duration age, Instant movedAt) {}

    /**
     * @param now the moment of the assessment
     * @param requestedAt when the last request was sent, or the pipeline started
     * @param settledAt when a person was last delivered or parked, a heartbeat last arrived, or the pipeline started
     */
    record Activity(Instant now, Instant requestedAt, Instant settledAt) {
        Duration since(Instant then) {
            return Duration.between(then, now);
        }
    }

    /**
     * @param retained WAL that the server retains for the slot, in bytes
     * @param limit {@code postgres.max-retained-wal}, in bytes
     */
    record Wal(@Nullable Long retained, long limit) {
        boolean isPastLimit() {
            return RetainedWalLevel.of(retained, limit) == RetainedWalLevel.PAST;
        }
    }
}
