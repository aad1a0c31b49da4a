package ai.flameup.sync.delivery.header;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The delay that an answer requests. */
public final class RetryAfter {
    private static final Duration MAX = Duration.ofHours(1);

    private RetryAfter() {}

    /**
     * From 0 to an hour; null if the answer has no valid {@code Retry-After}.
     *
     * @param now the time of an answer without a {@code Date}
     */
    public static @Nullable Duration of(Headers headers, Instant now) {
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
        // By the clock of the answer, because the local clock may be wrong by more than the delay.
        Instant answered = HttpDate.parse(headers.first("Date"));
        return bounded(Duration.between(answered == null ? now : answered, until));
    }

    private static Duration seconds(String decimal) {
        BigDecimal most = BigDecimal.valueOf(MAX.toMillis());
        return Duration.ofMillis(
                new BigDecimal(decimal).movePointRight(3).min(most).longValue());
    }

    private static Duration bounded(Duration wait) {
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(MAX) > 0 ? MAX : wait;
    }
}
