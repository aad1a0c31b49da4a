package ai.flameup.sync.pipeline;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way at one moment. Immutable.
 *
 * @param waiting changes and rows that are not settled, without the states in flight
 * @param inFlight requests
 * @param oldestChange since the oldest change was committed that is not settled; null where there is none
 * @param oldestRow for how long the oldest rows of the fence have been here that are not settled
 * @param held for how long nothing is sent, though something could be, because the budget or the API wants it so; zero
 *     where nothing is held
 * @param budget what the API told last; null where it has told of none
 */
public record Gauges(
        long waiting,
        int inFlight,
        @Nullable Duration oldestChange,
        @Nullable Duration oldestRow,
        Duration held,
        @Nullable Left budget) {
    /**
     * The API's budget.
     *
     * @param reset until the window ends that was told last; below zero where it has ended
     */
    public record Left(long limit, long remaining, Duration reset) {}
}
