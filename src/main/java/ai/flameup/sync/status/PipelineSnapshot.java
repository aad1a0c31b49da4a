package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status;
import ai.flameup.sync.pipeline.DeliveryGauges;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline told last, with times. Immutable.
 *
 * @param oldestChange when the oldest change was committed that is not settled
 * @param oldestRow since when the oldest row of the fence is here that is not settled
 * @param held until when nothing is sent, though something could be
 */
record PipelineSnapshot(
        long waiting,
        int inFlight,
        @Nullable Instant oldestChange,
        @Nullable Instant oldestRow,
        @Nullable Instant held,
        Status.@Nullable Budget budget) {
    static final PipelineSnapshot NOTHING = new PipelineSnapshot(0, 0, null, null, null, null);

    static PipelineSnapshot of(DeliveryGauges gauges, Instant at) {
        DeliveryGauges.BudgetLeft left = gauges.budget();
        return new PipelineSnapshot(
                gauges.waiting(),
                gauges.inFlight(),
                before(at, gauges.oldest().change()),
                before(at, gauges.oldest().row()),
                gauges.pausedFor().isZero() ? null : at.plus(gauges.pausedFor()),
                left == null
                        ? null
                        : new Status.Budget(left.limit(), left.remaining(), seconds(at.plus(left.reset()))));
    }

    private static @Nullable Instant before(Instant at, @Nullable Duration age) {
        return age == null ? null : at.minus(age);
    }

    /** Rounded, or the end of one window would be told as many. */
    private static Instant seconds(Instant at) {
        return Instant.ofEpochSecond(at.plusMillis(500).getEpochSecond());
    }

    /** The pipeline has come to its end: nothing is in flight, and nothing is held. */
    PipelineSnapshot ended() {
        return new PipelineSnapshot(waiting, 0, oldestChange, oldestRow, null, budget);
    }

    /** Since when the oldest of all is here. */
    @Nullable
    Instant oldest() {
        return oldestChange == null || (oldestRow != null && oldestRow.isBefore(oldestChange))
                ? oldestRow
                : oldestChange;
    }
}
