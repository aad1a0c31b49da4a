package ai.flameup.sync.pipeline;

import java.time.Duration;

/**
 * How persons are sent. Immutable.
 *
 * @param maxInFlight requests at once, at least 1
 * @param batch when the batch call is used
 * @param requestTimeout after which a request without an answer has timed out; positive
 * @param maxRequestsPerMinute a ceiling of our own, at least 1; {@link #UNLIMITED} for none
 * @param haltWhenRejected halts where so many of the last 200 persons were refused, in percent, 1 to 100
 * @param onEmailHeld what becomes of a person who takes an address that another still holds at Flameup
 * @param onProbation whether nobody is parked before some were accepted, because the last run halted as too many were not
 */
public record PipelineSettings(
        int maxInFlight,
        Batch batch,
        Duration requestTimeout,
        long maxRequestsPerMinute,
        int haltWhenRejected,
        OnEmailHeld onEmailHeld,
        boolean onProbation) {

    public PipelineSettings(
            int maxInFlight,
            Batch batch,
            Duration requestTimeout,
            long maxRequestsPerMinute,
            int haltWhenRejected,
            OnEmailHeld onEmailHeld) {
        this(maxInFlight, batch, requestTimeout, maxRequestsPerMinute, haltWhenRejected, onEmailHeld, false);
    }

    /** The same, behind a run that halted because too many were refused. */
    public PipelineSettings behindRejections() {
        return new PipelineSettings(
                maxInFlight, batch, requestTimeout, maxRequestsPerMinute, haltWhenRejected, onEmailHeld, true);
    }

    public static final long UNLIMITED = Long.MAX_VALUE;

    /** After which a request that was sent is not applied any more, answered or not. */
    public Duration lateFor() {
        return requestTimeout.multipliedBy(3);
    }

    public enum Batch {
        /** Where the budget does not keep up with what is waiting. */
        AUTO,
        NEVER,
        ALWAYS
    }

    public enum OnEmailHeld {
        SEND,
        PARK
    }
}
