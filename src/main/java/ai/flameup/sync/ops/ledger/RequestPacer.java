package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.pipeline.PipelineSettings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides when the next request may be sent, if one is sent at a time. It leaves a fifth of each window of the API's budget to an
 * active run, because both use the same key. For one thread.
 */
final class RequestPacer {
    /** Failures in a row after which the API counts as unreachable. */
    static final int MAX_FAILURES = 8;
    /** Answers with status 429 in a row after which the API counts as unreachable. */
    static final int MAX_REFUSED = 10;

    private static final int TOO_MANY_REQUESTS = 429;
    /** One of so many parts of the budget is not used. */
    private static final int PARTS = 5;

    private static final long FIRST_BACKOFF_MILLIS = 500;
    private static final long MAX_BACKOFF_MILLIS = 60_000;
    /** A shorter pause would repeat the request within the same second, which is the resolution of the headers. */
    private static final Duration MIN_PAUSE = Duration.ofSeconds(1);
    /** The documented window, for a 429 that says nothing about it. */
    private static final Duration DOCUMENTED_WINDOW = Duration.ofMinutes(1);

    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final long gapNanos;
    private long notBefore;
    private int failures;
    private int refused;

    /**
     * @param maxPerMinute a ceiling of our own, at least 1; {@link PipelineSettings#UNLIMITED} for none
     * @param nanoTime a clock in nanoseconds with any origin
     * @param random for the jitter of the back-off
     */
    RequestPacer(long maxPerMinute, LongSupplier nanoTime, RandomGenerator random) {
        this.nanoTime = nanoTime;
        this.random = random;
        this.gapNanos = TimeUnit.MINUTES.toNanos(1) / maxPerMinute;
        this.notBefore = nanoTime.getAsLong();
    }

    /** Returns how long to wait before the next request, in milliseconds, rounded up; 0 if it may be sent now. */
    long delayMillis() {
        long nanos = Math.max(0, notBefore - nanoTime.getAsLong());
        return TimeUnit.NANOSECONDS.toMillis(nanos + TimeUnit.MILLISECONDS.toNanos(1) - 1);
    }

    /** A request is sent. */
    void sent() {
        notBefore = nanoTime.getAsLong() + gapNanos;
    }

    /**
     * The request has ended.
     *
     * @param quota null if the answer reports no budget, or there was no answer
     * @return false if the API has failed so often in a row that no further request should be sent
     */
    boolean ended(Outcome outcome, @Nullable RateLimit quota) {
        if (quota != null && isReserved(quota)) {
            pause(untilReset(quota));
        }
        if (!(outcome instanceof Outcome.Failed failed)) {
            failures = 0;
            refused = 0;
            return true;
        }
        if (failed.retryAfter() != null) {
            pause(failed.retryAfter());
        }
        if (failed.status() == TOO_MANY_REQUESTS) {
            if (quota != null) {
                pause(untilReset(quota));
            } else if (failed.retryAfter() == null) {
                pause(DOCUMENTED_WINDOW);
            }
            return ++refused < MAX_REFUSED;
        }
        failures++;
        long cap = Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << (failures - 1));
        delay(TimeUnit.MILLISECONDS.toNanos(1 + random.nextLong(cap)));
        return failures < MAX_FAILURES;
    }

    /** Whether another request would use the part of the window that is left to others. */
    private static boolean isReserved(RateLimit quota) {
        return (quota.remaining() - 1) * PARTS < quota.limit();
    }

    private static Duration untilReset(RateLimit quota) {
        return Duration.ofSeconds(quota.resetsAt() - quota.serverTime());
    }

    private void pause(Duration wanted) {
        delay((wanted.compareTo(MIN_PAUSE) < 0 ? MIN_PAUSE : wanted).toNanos());
    }

    private void delay(long nanos) {
        long until = nanoTime.getAsLong() + nanos;
        if (until - notBefore > 0) {
            notBefore = until;
        }
    }
}
