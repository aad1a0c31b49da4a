package ai.flameup.sync.ops.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.pipeline.PipelineSettings;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestPacerTest {
    private static final long SERVER_TIME = 1_800_000_000L;
    private static final Outcome ACCEPTED = new Outcome.Accepted(Set.of(), null);

    private final Random random = new Random(7);
    private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5);
    private final RequestPacer pacer = new RequestPacer(PipelineSettings.UNLIMITED, () -> now, random);

    private static RateLimit quota(long limit, long remaining, long secondsToReset) {
        return new RateLimit(limit, remaining, SERVER_TIME + secondsToReset, SERVER_TIME);
    }

    private static Outcome failed(int status, @Nullable Duration retryAfter) {
        return new Outcome.Failed(status, "reason", retryAfter, false);
    }

    private long delayAfter(Outcome outcome, @Nullable RateLimit quota) {
        pacer.sent();
        assertThat(pacer.ended(outcome, quota)).isTrue();
        return pacer.delayMillis();
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void firstRequest_isSentAtOnce() {
        assertThat(pacer.delayMillis()).isZero();
    }

    @Test
    void withoutBudget_nextRequestIsSentAtOnce() {
        assertThat(delayAfter(ACCEPTED, null)).isZero();
    }

    @Test
    void budget_fifthOfTheWindowIsLeft() {
        assertThat(delayAfter(ACCEPTED, quota(120, 25, 40))).isZero();
        assertThat(delayAfter(ACCEPTED, quota(120, 24, 40))).isEqualTo(40_000);
        pass(39_000);
        assertThat(pacer.delayMillis()).isEqualTo(1_000);
        pass(1_000);
        assertThat(pacer.delayMillis()).isZero();
        assertThat(delayAfter(ACCEPTED, quota(120, 119, 60))).isZero();
    }

    @Test
    void budgetOfOneRequest_isUsedOnceAWindow() {
        assertThat(delayAfter(ACCEPTED, quota(1, 0, 60))).isEqualTo(60_000);
    }

    @Test
    void windowThatHasEnded_isWaitedForASecond() {
        assertThat(delayAfter(ACCEPTED, quota(10, 0, -3))).isEqualTo(1_000);
    }

    @Test
    void ceiling_spacesRequests() {
        RequestPacer limited = new RequestPacer(120, () -> now, random);
        limited.sent();
        pass(200);
        assertThat(limited.ended(ACCEPTED, null)).isTrue();
        assertThat(limited.delayMillis()).isEqualTo(300);
    }

    @Test
    void tooManyRequests_waitsForRetryAfterOrTheReset() {
        assertThat(delayAfter(failed(429, Duration.ofSeconds(7)), null)).isEqualTo(7_000);
        pass(7_000);
        assertThat(delayAfter(failed(429, null), quota(120, 0, 30))).isEqualTo(30_000);
        pass(30_000);
        assertThat(delayAfter(failed(429, Duration.ZERO), null)).isEqualTo(1_000);
        pass(1_000);
        assertThat(delayAfter(failed(429, null), null)).isEqualTo(60_000);
    }

    @Test
    void tooManyRequests_tenTimesInARow_givesUp() {
        for (int i = 1; i < RequestPacer.MAX_REFUSED; i++) {
            assertThat(pacer.ended(failed(429, null), null)).isTrue();
        }
        assertThat(pacer.ended(failed(429, null), null)).isFalse();
    }

    @Test
    void failures_backOffExponentiallyAndGiveUp() {
        long cap = 500;
        for (int i = 1; i < RequestPacer.MAX_FAILURES; i++) {
            long delay = delayAfter(failed(i % 2 == 0 ? 500 : 0, null), null);
            assertThat(delay).isBetween(1L, cap);
            pass(delay);
            cap *= 2;
        }
        assertThat(pacer.ended(failed(503, null), null)).isFalse();
    }

    @Test
    void failureWithRetryAfter_isRepeatedAfterIt() {
        assertThat(delayAfter(failed(503, Duration.ofSeconds(20)), null)).isEqualTo(20_000);
    }

    @Test
    void success_endsTheRowOfFailures() {
        for (int i = 0; i < 3 * RequestPacer.MAX_FAILURES; i++) {
            assertThat(pacer.ended(failed(503, null), null)).isTrue();
            assertThat(pacer.ended(failed(429, null), null)).isTrue();
            assertThat(pacer.ended(ACCEPTED, null)).isTrue();
        }
    }
}
