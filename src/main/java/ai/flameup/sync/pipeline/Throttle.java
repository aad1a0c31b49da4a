package ai.flameup.sync.pipeline;

import java.util.random.RandomGenerator;

/**
 * How many requests may be in flight, by how the API fares: one at first, all once it has answered, half as many with
 * each 503 or time-out, one more with each window of acceptances; and in an outage one after each back-off. For one
 * thread.
 */
final class Throttle {
    /** Failures in a row, with nobody accepted or refused between them, that make an outage. */
    private static final int OUTAGE = 5;

    private final int most;
    private final Backoff backoff;
    private double window;
    private long shrunkAt = Long.MIN_VALUE;
    private boolean heard;
    private int failures;
    /** Probes that failed in this outage; 0 while there is none. */
    private int outage;

    private long probeAt;

    Throttle(int most, RandomGenerator random) {
        this.most = most;
        this.window = most;
        this.backoff = new Backoff(random);
    }

    /** How many may be in flight. */
    int window() {
        return heard && outage == 0 ? (int) window : 1;
    }

    boolean isOutage() {
        return outage > 0;
    }

    /** Before this time nothing is sent. */
    long notBefore() {
        return outage > 0 ? probeAt : Long.MIN_VALUE;
    }

    /**
     * An answer that is one: accepted or refused.
     *
     * @return whether it ends an outage
     */
    boolean answered() {
        heard = true;
        failures = 0;
        boolean over = outage > 0;
        outage = 0;
        return over;
    }

    void accepted() {
        window = Math.min(most, window + 1 / window);
    }

    /** The API takes fewer than are sent: from now on as few as there can be, and more with each that it takes. */
    void narrow() {
        window = 1;
    }

    /** From now on one request at a time until one is answered. */
    void doubt() {
        heard = false;
    }

    /**
     * A failure that is no answer.
     *
     * @param overloaded whether it was a 503 or a time-out
     * @param sentAt when the request was sent: one window's failures shrink it once
     * @return whether it begins an outage
     */
    boolean failed(boolean overloaded, long sentAt, long now) {
        if (overloaded && sentAt > shrunkAt) {
            window = Math.max(1, window / 2);
            shrunkAt = now;
        }
        failures++;
        if (failures < OUTAGE) {
            return false;
        }
        boolean begins = outage == 0;
        if (begins || sentAt >= probeAt) {
            outage++;
            probeAt = now + backoff.millis(outage);
        }
        return begins;
    }
}
