package ai.flameup.sync.delivery;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How long an answer asks us to wait. */
final class RetryAfter {
    private static final Duration BELIEVED = Duration.ofHours(1);

    private RetryAfter() {}

    /**
     * From 0 to an hour; null where the answer does not say, or what it says is neither seconds nor a date.
     *
     * @param now the time where the answer does not tell its own
     */
    static @Nullable Duration of(Headers headers, Instant now) {
        String value = headers.first("Retry-After");
        if (value == null) {
            return null;
        }
        if (Decimal.parse(value) != null) {
            return bounded(seconds(value.strip()));
        }
        Instant until = HttpDate.parse(value);
        if (until == null) {
            return null;
        }
        // By the answer's own clock, because ours may be wrong by more than the wait.
        Instant answered = HttpDate.parse(headers.first("Date"));
        return bounded(Duration.between(answered == null ? now : answered, until));
    }

    private static Duration seconds(String decimal) {
        BigDecimal most = BigDecimal.valueOf(BELIEVED.toMillis());
        return Duration.ofMillis(
                new BigDecimal(decimal).movePointRight(3).min(most).longValue());
    }

    private static Duration bounded(Duration wait) {
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(BELIEVED) > 0 ? BELIEVED : wait;
    }
}
