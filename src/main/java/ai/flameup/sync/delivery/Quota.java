package ai.flameup.sync.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says of the budget of requests, in its {@code X-RateLimit-*} headers. Immutable.
 *
 * @param limit requests in a window, at least 1
 * @param remaining requests left in the present one, 0 to {@code limit}
 * @param resetsAt when the present window ends, in Unix seconds by the API's clock; at most an hour after
 *     {@code serverTime}, and before it where the window has ended already
 * @param serverTime the time of the answer in Unix seconds, by its {@code Date} header; by our clock where it has none
 */
public record Quota(long limit, long remaining, long resetsAt, long serverTime) {
    private static final long HOUR_SECONDS = 3_600;
    /** Below it a reset is a duration: as a time it would be in 2001. */
    private static final long FIRST_TIME = 1_000_000_000L;
    /** From it on a reset is in milliseconds: as seconds it would be in 5138. */
    private static final long FIRST_MILLIS = 100_000_000_000L;

    /**
     * Null where the headers are missing or make no sense: a budget that is not believed is better than one that stops
     * the sending.
     *
     * @param now the time where the answer does not tell its own
     */
    static @Nullable Quota of(Headers headers, Instant now) {
        Decimal remaining = Decimal.parse(headers.first("X-RateLimit-Remaining"));
        Decimal reset = Decimal.parse(headers.first("X-RateLimit-Reset"));
        if (remaining == null || reset == null || remaining.whole() < 0 || reset.whole() < 0) {
            return null;
        }
        String said = headers.first("X-RateLimit-Limit");
        Decimal limit = said == null ? new Decimal(Math.max(remaining.whole(), 1), false) : Decimal.parse(said);
        if (limit == null || limit.whole() < 1) {
            return null;
        }
        Instant date = HttpDate.parse(headers.first("Date"));
        long serverTime = (date == null ? now : date).getEpochSecond();
        return new Quota(
                limit.whole(),
                Math.min(remaining.whole(), limit.whole()),
                Math.min(resetsAt(reset, serverTime), serverTime + HOUR_SECONDS),
                serverTime);
    }

    private static long resetsAt(Decimal reset, long serverTime) {
        if (reset.whole() < FIRST_TIME) {
            return serverTime + reset.up();
        }
        return reset.whole() < FIRST_MILLIS ? reset.up() : (reset.whole() + 999) / 1_000;
    }
}
