package ai.flameup.sync.backfill;

import ai.flameup.sync.pipeline.PipelineSettings;
import ai.flameup.sync.state.StateUpdate;
import java.util.Optional;

/**
 * How many requests and minutes it takes to send rows. Immutable.
 *
 * @param rows the number of rows, which may be an estimate
 * @param requestsPerMinute the budget that the minutes are computed with, at least 1
 */
public record SendForecast(long rows, long requestsPerMinute) {
    /** What the API allows a key, unless a contract says more. */
    private static final long DOCUMENTED_BUDGET = 120;

    private static final long BATCH = 100;

    /**
     * The budget to compute with: the one that the API reported last, else the documented one; less if the configuration
     * says so.
     *
     * @param reported what the store has of the API's budget
     */
    public static long requestsPerMinute(Optional<StateUpdate.Allowance> reported, PipelineSettings settings) {
        long budget = reported.map(StateUpdate.Allowance::requestsPerMinute).orElse(DOCUMENTED_BUDGET);
        long ceiling = settings.maxRequestsPerMinute();
        return ceiling == PipelineSettings.UNLIMITED ? budget : Math.min(ceiling, budget);
    }

    /** Requests if each carries one person. */
    public long singly() {
        return rows;
    }

    /** Requests if each carries as many persons as it may. */
    public long inBatches() {
        return roundedUp(rows, BATCH);
    }

    /** How long so many requests take, rounded up. */
    public long minutes(long requests) {
        return roundedUp(requests, requestsPerMinute);
    }

    private static long roundedUp(long dividend, long divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
