package ai.flameup.sync.pipeline;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is waiting and in flight at one moment. Immutable.
 *
 * @param waiting changes and rows that are not settled, without the states in flight
 * @param inFlight requests
 * @param oldest the ages of the oldest unsettled change and row
 * @param pausedFor how long the budget or a requested pause still stops all sending, although something is ready; zero if
 *     nothing is stopped
 * @param budget the last reported budget of the API; null if the API has reported none
 */
public record DeliveryGauges(
        long waiting,
        int inFlight,
        Oldest oldest,
        Duration pausedFor,
        @Nullable BudgetLeft budget) {
    /**
     * Ages of what is not settled.
     *
     * @param change the time since the oldest unsettled change was committed; null if there is none
     * @param row the time since the oldest unsettled rows were read; null if there are none
     */
    public record Oldest(
            @Nullable Duration change, @Nullable Duration row) {}

    /**
     * The budget that the API reported last.
     *
     * @param reset until the end of the last reported window; negative if it has ended
     */
    public record BudgetLeft(long limit, long remaining, Duration reset) {}
}
