package ai.flameup.sync.pipeline;

import java.util.random.RandomGenerator;

/**
 * Exponential back-off with full jitter, 0.5 s to 60 s ("Exponential Backoff and Jitter", AWS Architecture Blog).
 */
record Backoff(RandomGenerator random) {
    private static final long FIRST_MILLIS = 500;
    private static final long MAX_MILLIS = 60_000;

    /** Returns the wait before attempt number {@code attempts + 1}, in milliseconds; {@code attempts} at least 1. */
    long millis(int attempts) {
        long cap = Math.min(MAX_MILLIS, FIRST_MILLIS << Math.min(attempts - 1, 10));
        return 1 + random.nextLong(cap);
    }
}
