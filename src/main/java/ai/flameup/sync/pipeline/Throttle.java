package ai.flameup.sync.pipeline;

/**
 * How many requests may be in flight: one at first, all once the API has answered, half as many after each 503 or time-out,
 * one more after each window of accepted requests. In an outage, one probe after each back-off. For one thread.
 */
final class Throttle {
    /** Failures in a row, with no person accepted or refused between them, that make an outage. */
    private static final int OUTAGE_FAILURES = 5;

    private final int maxInFlight;
    private final Backoff backoff;
    private double window;
    private long shrunkAt = Long.MIN_VALUE;
    private boolean wasAnswered;
    private int failures;
    /** The probes that failed in this outage; 0 if there is none. */
    private int failedProbes;

    private long probeAt;

    Throttle(int maxInFlight, Backoff backoff) {
        this.maxInFlight = maxInFlight;
        this.window = maxInFlight;
        this.backoff = backoff;
    }

    /** Returns how many requests may be in flight. */
    int window() {
        return wasAnswered && failedProbes == 0 ? (int) window : 1;
    }

    boolean isOutage() {
        return failedProbes > 0;
    }

    /** Returns the time before which nothing is sent. */
    long notBefore() {
        return failedProbes > 0 ? probeAt : Long.MIN_VALUE;
    }

    /**
     * A person was accepted or refused.
     *
     * @return whether this ends an outage
     */
    boolean answered() {
        wasAnswered = true;
        failures = 0;
        boolean isOver = failedProbes > 0;
        failedProbes = 0;
        return isOver;
    }

    void accepted() {
        window = Math.min(maxInFlight, window + 1 / window);
    }

    /** The API accepts fewer requests than are sent: starts again from one. */
    void narrow() {
        window = 1;
    }

    /** Allows one request at a time until one is answered. */
    void sendOneFirst() {
        wasAnswered = false;
    }

    /**
     * A request failed.
     *
     * @param overloaded whether it was a 503 or a time-out
     * @param sentAt when the request was sent: the failures of one window shrink it once
     * @return whether this starts an outage
     */
    boolean failed(boolean overloaded, long sentAt, long now) {
        if (overloaded && sentAt > shrunkAt) {
            window = Math.max(1, window / 2);
            shrunkAt = now;
        }
        failures++;
        if (failures < OUTAGE_FAILURES) {
            return false;
        }
        boolean isStart = failedProbes == 0;
        if (isStart || sentAt >= probeAt) {
            failedProbes++;
            probeAt = now + backoff.millis(failedProbes);
        }
        return isStart;
    }
}
