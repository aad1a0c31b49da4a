package ai.flameup.sync.job;

import ai.flameup.sync.observe.metrics.MetricsFile;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a run ends, and what it writes at its end. Immutable.
 *
 * @param untilCaughtUp whether the run is finite: it ends once everything that was committed before its start is
 *     delivered
 * @param limits of a finite run
 * @param exitWhenHalted whether the run ends instead of waiting for an operator
 * @param metricsFile written at the end; null for none
 * @param takesOverSlot whether an empty store may continue a slot that was read before
 */
public record RunOptions(
        boolean untilCaughtUp,
        Limits limits,
        boolean exitWhenHalted,
        @Nullable MetricsFile metricsFile,
        boolean takesOverSlot) {
    /**
     * The limits of a finite run.
     *
     * @param stall the maximum time without progress; positive
     * @param deadline the maximum duration of the run; zero gives it no time
     */
    public record Limits(Duration stall, Duration deadline) {}

    public RunOptions(boolean untilCaughtUp, Duration stall, Duration deadline, boolean exitWhenHalted) {
        this(untilCaughtUp, new Limits(stall, deadline), exitWhenHalted, null, false);
    }
}
