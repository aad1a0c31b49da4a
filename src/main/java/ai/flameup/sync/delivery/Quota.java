package ai.flameup.sync.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says of the budget of requests, in its {@code X-RateLimit-*} or {@code RateLimit-*} headers. Immutable.
 *
 * @param limit requests in a window, at least 1
 * @param remaining requests left in the present one, 0 to {@code limit}
 * @param resetsAt when the present window ends, in Unix seconds by the API's clock; at most an hour after
 *     {@code serverTime}, and before it where the window has ended already
 * @param serverTime the time of the answer in Unix seconds, by its {@code Date} header; by our clock where it has none
 */
public record Quota(long limit, long remaining, long resetsAt, long serverTime) {
    private static final long HOUR_SECONDS = 3_600;

    /**
     * Null where the headers are missing or make no sense: a budget that is not believed is better than one that stops
     * the sending.
     *
     * @param now the time where the answer does not tell its own
     */
    static @Nullable Quota of(Headers headers, Instant now) {
        QuotaHeaders said = QuotaHeaders.of(headers);
        if (said == null || said.reset() == null) {
            return null;
        }
        Decimal remaining = number(said.remaining());
        if (remaining == null || remaining.whole() < 0) {
            return null;
        }
        Decimal limit =
                said.limit() == null ? new Decimal(Math.max(remaining.whole(), 1), false) : number(said.limit());
        if (limit == null || limit.whole() < 1) {
            return null;
        }
        Instant date = HttpDate.parse(headers.first("Date"));
        long serverTime = (date == null ? now : date).getEpochSecond();
        // A date has a comma of its own.
        Long whole = ResetTime.parse(said.reset(), serverTime);
        Long resetsAt = whole == null ? ResetTime.parse(first(said.reset()), serverTime) : whole;
        return resetsAt == null
                ? null
                : new Quota(
                        limit.whole(),
                        Math.min(remaining.whole(), limit.whole()),
                        Math.min(resetsAt, serverTime + HOUR_SECONDS),
                        serverTime);
    }

    private static @Nullable Decimal number(@Nullable String said) {
        return said == null ? null : Decimal.parse(first(said));
    }

    /** Without the policies that may follow, as in {@code 120, 120;w=60}. */
    private static String first(String said) {
        int end = 0;
        while (end < said.length() && said.charAt(end) != ',' && said.charAt(end) != ';') {
            end++;
        }
        return said.substring(0, end);
    }
}
