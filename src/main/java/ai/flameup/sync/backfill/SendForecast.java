package ai.flameup.sync.backfill;

import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.state.update.StateUpdate;
import java.util.Optional;

/**
 * Forecasts the requests and minutes that sending rows takes. Immutable.
 *
 * @param rows the number of rows, which may be an estimate
 * @param requestsPerMinute the budget that the minutes are computed with, at least 1
 */
public record SendForecast(long rows, long requestsPerMinute) {
    /** The rate that the API grants to a key by default. */
    private static final long DOCUMENTED_BUDGET = 120;

    private static final long BATCH = 100;

    /**
     * The budget to compute with: the last one that the API has reported, or the documented one, limited by the
     * configuration.
     *
     * @param reported the API's budget in the store
     */
    public static long requestsPerMinute(Optional<StateUpdate.Budget> reported, PipelineSettings settings) {
        long budget = reported.map(StateUpdate.Budget::requestsPerMinute).orElse(DOCUMENTED_BUDGET);
        long ceiling = settings.maxRequestsPerMinute();
        return ceiling == PipelineSettings.UNLIMITED ? budget : Math.min(ceiling, budget);
    }

    /** The number of requests if each carries one person. */
    public long singly() {
        return rows;
    }

    /** The number of requests if each carries as many persons as possible. */
    public long inBatches() {
        return roundedUp(rows, BATCH);
    }

    /** The time that the requests take, in minutes, rounded up. */
    public long minutes(long requests) {
        return roundedUp(requests, requestsPerMinute);
    }

    private static long roundedUp(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
