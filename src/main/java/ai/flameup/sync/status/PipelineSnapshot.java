package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status;
import ai.flameup.sync.pipeline.DeliveryGauges;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline reported last, with times instead of ages. Immutable.
 *
 * @param pausedUntil until when nothing is sent although something is waiting; null if nothing is delayed
 * @param budget null if the API has not reported one
 */
record PipelineSnapshot(
        long waiting, int inFlight, Oldest oldest, @Nullable Instant pausedUntil, Status.@Nullable Budget budget) {
    static final PipelineSnapshot NOTHING = new PipelineSnapshot(0, 0, new Oldest(null, null), null, null);

    /**
     * @param change when the oldest change that is not settled was committed
     * @param row when the oldest row from the fence that is not settled arrived
     */
    record Oldest(@Nullable Instant change, @Nullable Instant row) {
        @Nullable
        Instant ofBoth() {
            return Instants.earlier(change, row);
        }
    }

    static PipelineSnapshot of(DeliveryGauges gauges, Instant at) {
        DeliveryGauges.BudgetLeft left = gauges.budget();
        return new PipelineSnapshot(
                gauges.waiting(),
                gauges.inFlight(),
                new Oldest(
                        before(at, gauges.oldest().change()),
                        before(at, gauges.oldest().row())),
                gauges.pausedFor().isZero() ? null : at.plus(gauges.pausedFor()),
                left == null
                        ? null
                        : new Status.Budget(left.limit(), left.remaining(), seconds(at.plus(left.reset()))));
    }

    private static @Nullable Instant before(Instant at, @Nullable Duration age) {
        return age == null ? null : at.minus(age);
    }

    /** Rounded, because the end of one window would otherwise vary from one report to the next. */
    private static Instant seconds(Instant at) {
        return Instant.ofEpochSecond(at.plusMillis(500).getEpochSecond());
    }

    /** The snapshot after the pipeline has ended: nothing is in flight or delayed. */
    PipelineSnapshot ended() {
        return new PipelineSnapshot(waiting, 0, oldest, null, budget);
    }
}
