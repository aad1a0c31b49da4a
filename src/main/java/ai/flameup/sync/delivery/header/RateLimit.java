package ai.flameup.sync.delivery.header;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The request budget that an answer reports, in its {@code X-RateLimit-*} or {@code RateLimit-*} headers. Immutable.
 *
 * @param limit requests in a window, at least 1
 * @param remaining requests left in the present window, 0 to {@code limit}
 * @param resetsAt when the present window ends, in Unix seconds by the API's clock; at most an hour after
 *     {@code serverTime}, and before it if the window has ended already
 * @param serverTime the time of the answer in Unix seconds, by its {@code Date} header; by the local clock without one
 */
public record RateLimit(long limit, long remaining, long resetsAt, long serverTime) {
    private static final long HOUR_SECONDS = 3_600;

    /**
     * Null if the headers are missing or invalid: ignoring a budget is better than to stop sending because of it.
     *
     * @param now the time of an answer without a {@code Date}
     */
    public static @Nullable RateLimit of(Headers headers, Instant now) {
        RateLimitHeaders reported = RateLimitHeaders.of(headers);
        if (reported == null || reported.reset() == null) {
            return null;
        }
        Decimal remaining = number(reported.remaining());
        if (remaining == null || remaining.whole() < 0) {
            return null;
        }
        Decimal limit = reported.limit() == null
                ? new Decimal(Math.max(remaining.whole(), 1), false)
                : number(reported.limit());
        if (limit == null || limit.whole() < 1) {
            return null;
        }
        Instant date = HttpDate.parse(headers.first("Date"));
        long serverTime = (date == null ? now : date).getEpochSecond();
        // An HTTP date contains a comma.
        Long whole = ResetTime.parse(reported.reset(), serverTime);
        Long resetsAt = whole == null ? ResetTime.parse(first(reported.reset()), serverTime) : whole;
        return resetsAt == null
                ? null
                : new RateLimit(
                        limit.whole(),
                        Math.min(remaining.whole(), limit.whole()),
                        Math.min(resetsAt, serverTime + HOUR_SECONDS),
                        serverTime);
    }

    private static @Nullable Decimal number(@Nullable String value) {
        return value == null ? null : Decimal.parse(first(value));
    }

    /** The value without the policies that may follow, as in {@code 120, 120;w=60}. */
    private static String first(String value) {
        int end = 0;
        while (end < value.length() && value.charAt(end) != ',' && value.charAt(end) != ';') {
            end++;
        }
        return value.substring(0, end);
    }
}
