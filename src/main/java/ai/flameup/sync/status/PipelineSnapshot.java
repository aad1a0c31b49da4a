package ai.flameup.sync.status;

import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.pipeline.DeliveryGauges;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline reported last, with times instead of ages. Immutable.
 *
 * @param pause what stops all sending although something is waiting; null if nothing does
 */
record PipelineSnapshot(
        DeliveryGauges.Open open,
        int inFlight,
        Oldest oldest,
        @Nullable Pause pause,
        Budget budget) {
    private static final Duration LONG_PAUSE = Duration.ofMinutes(1);

    static final PipelineSnapshot NOTHING = new PipelineSnapshot(
            new DeliveryGauges.Open(0, 0, 0, new DeliveryGauges.Stream(null, null, false)),
            0,
            new Oldest(null, null),
            null,
            new Budget(null, null));

    /** @param until when sending continues */
    record Pause(Instant until, DeliveryGauges.PauseCause cause) {}

    /**
     * @param reported null if the API has not reported one
     * @param personsPerSecond how many persons may be sent at most; null without a limit
     */
    record Budget(
            Status.@Nullable Budget reported, @Nullable Double personsPerSecond) {}

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
        DeliveryGauges.BudgetLeft left = gauges.budget().reported();
        DeliveryGauges.Pause pause = gauges.pause();
        return new PipelineSnapshot(
                gauges.open(),
                gauges.inFlight(),
                new Oldest(
                        before(at, gauges.oldest().change()),
                        before(at, gauges.oldest().row())),
                pause == null ? null : new Pause(at.plus(pause.left()), pause.cause()),
                new Budget(
                        left == null
                                ? null
                                : new Status.Budget(left.limit(), left.remaining(), seconds(at.plus(left.reset()))),
                        gauges.budget().personsPerSecond()));
    }

    private static @Nullable Instant before(Instant at, @Nullable Duration age) {
        return age == null ? null : at.minus(age);
    }

    /** Rounded, because the end of one window would otherwise vary from one report to the next. */
    private static Instant seconds(Instant at) {
        return Instant.ofEpochSecond(at.plusMillis(500).getEpochSecond());
    }

    /**
     * How many persons the budget lets a job in this state send in a second; null without a limit, and if it sends none: also
     * during a pause that is longer than a window of the budget.
     */
    @Nullable
    Double personsPerSecond(State state, Instant now) {
        boolean isStopped = state == State.OUTAGE
                || state == State.HALTED
                || (pause != null && pause.until.isAfter(now.plus(LONG_PAUSE)));
        return isStopped ? null : budget.personsPerSecond;
    }

    /** The snapshot after the pipeline has ended: nothing is in flight or delayed. */
    PipelineSnapshot ended() {
        DeliveryGauges.Open left = new DeliveryGauges.Open(open.changes(), open.rows(), 0, open.stream());
        return new PipelineSnapshot(left, 0, oldest, null, budget);
    }
}
