package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Lsn;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is waiting and in flight at one moment. Immutable.
 *
 * @param inFlight requests
 * @param oldest the ages of the oldest unsettled change and row
 * @param pause what still stops all sending although something is ready; null if nothing is stopped
 */
public record DeliveryGauges(
        Open open, int inFlight, Oldest oldest, @Nullable Pause pause, Budget budget) {
    /**
     * What was read and is not settled, in flight or not.
     *
     * @param changes of the stream
     * @param rows of reads
     * @param inFlight how many of these are in flight
     * @param stream where the changes lie
     */
    public record Open(int changes, int rows, int inFlight, Stream stream) {}

    /**
     * The part of the stream that was read and is not settled.
     *
     * @param from where it starts; null before the first position
     * @param to where the newest transaction starts; null if all of its changes are settled
     * @param isFull whether the changes take so much of their room that the stream may have to wait
     */
    public record Stream(@Nullable Lsn from, @Nullable Lsn to, boolean isFull) {}

    /**
     * Ages of what is not settled.
     *
     * @param change the time since the oldest unsettled change was committed; null if there is none
     * @param row the time since the oldest unsettled rows were read; null if there are none
     */
    public record Oldest(
            @Nullable Duration change, @Nullable Duration row) {}

    /** @param left positive */
    public record Pause(Duration left, PauseCause cause) {}

    /** What stops all sending. */
    public enum PauseCause {
        REQUESTED("the API asked for a pause"),
        BUDGET("the API's budget is used up"),
        OWN_LIMIT("flameup.max-requests-per-minute is used up");

        private final String words;

        PauseCause(String words) {
            this.words = words;
        }

        /** For operators, as the beginning of a sentence. */
        public String words() {
            return words;
        }
    }

    /**
     * @param reported what the API reported last; null if it has reported none
     * @param personsPerSecond how many persons may be sent at most; null without a limit
     */
    public record Budget(
            @Nullable BudgetLeft reported, @Nullable Double personsPerSecond) {}

    /**
     * The budget that the API reported last.
     *
     * @param reset until the end of the last reported window; negative if it has ended
     */
    public record BudgetLeft(long limit, long remaining, Duration reset) {}
}
