package ai.flameup.sync.pipeline;

import java.time.Duration;

/**
 * How persons are sent, and what a refusal leads to. Immutable.
 *
 * @param skipUnchanged whether a change is not sent if the API has its state already
 * @param deferral when changes are deferred
 */
public record PipelineSettings(Requests requests, Refusals refusals, boolean skipUnchanged, Deferral deferral) {
    public static final long UNLIMITED = Long.MAX_VALUE;

    /**
     * How requests are sent.
     *
     * @param maxInFlight concurrent requests, at least 1
     * @param batch when the batch call is used
     * @param timeout after which a request without an answer has timed out; positive
     * @param maxPerMinute a ceiling of our own, at least 1; {@link #UNLIMITED} for none
     */
    public record Requests(int maxInFlight, Batch batch, Duration timeout, long maxPerMinute) {}

    /**
     * What refusals lead to.
     *
     * @param haltWhenRejected the percentage of the last 200 persons whose refusal halts the job, 1 to 100
     * @param onEmailHeld what happens to a person who takes an address that another person still holds at Flameup
     * @param onProbation whether no person is parked before some were accepted, because the last run halted on refusals
     */
    public record Refusals(int haltWhenRejected, OnEmailHeld onEmailHeld, boolean onProbation) {}

    /**
     * When changes that wait are replaced by the keys of their rows.
     *
     * @param after if they would wait longer than this; positive
     * @param retainedWal if more WAL lies behind the position, in bytes; {@link #UNLIMITED} for never
     * @param maxTransaction if more changes of one transaction wait, at least 1
     */
    public record Deferral(Duration after, long retainedWal, int maxTransaction) {
        /** Half of what the pipeline holds. */
        public static final int MAX_TRANSACTION = 8_192;

        /** Nothing is deferred. */
        public static final Deferral NEVER = new Deferral(Duration.ofDays(36_500), UNLIMITED, Integer.MAX_VALUE);
    }

    /** Returns the same settings for a run that follows a halt on refusals. */
    public PipelineSettings onProbation() {
        return new PipelineSettings(
                requests, new Refusals(haltWhenRejected(), onEmailHeld(), true), skipUnchanged, deferral);
    }

    public int maxInFlight() {
        return requests.maxInFlight;
    }

    public Duration requestTimeout() {
        return requests.timeout;
    }

    public long maxRequestsPerMinute() {
        return requests.maxPerMinute;
    }

    public int haltWhenRejected() {
        return refusals.haltWhenRejected;
    }

    public OnEmailHeld onEmailHeld() {
        return refusals.onEmailHeld;
    }

    /** Returns the time after which a sent request is no longer applied, whether it was answered or not. */
    public Duration lateFor() {
        return requestTimeout().multipliedBy(3);
    }

    public enum Batch {
        /** If the budget does not keep up with what is waiting. */
        AUTO,
        NEVER,
        ALWAYS
    }

    public enum OnEmailHeld {
        SEND,
        PARK
    }
}
