package ai.flameup.sync.standin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers that every response has: the date, and the rate limit if there is one. Thread-safe. */
final class ApiHeaders {
    private static final AsciiString LIMIT = AsciiString.cached("X-RateLimit-Limit");
    private static final AsciiString REMAINING = AsciiString.cached("X-RateLimit-Remaining");
    private static final AsciiString RESET = AsciiString.cached("X-RateLimit-Reset");

    private final ApiClock clock;
    private volatile boolean retryAfter;
    private volatile List<String> leftOut = List.of();

    ApiHeaders(ApiClock clock) {
        this.clock = clock;
    }

    void retryAfter(boolean add) {
        retryAfter = add;
    }

    void without(List<String> names) {
        leftOut = names;
    }

    void addTo(HttpHeaders headers, RateLimit.@Nullable Share share) {
        headers.set(HttpHeaderNames.DATE, clock.date());
        if (share != null) {
            headers.set(LIMIT, Integer.toString(share.limit()))
                    .set(REMAINING, Integer.toString(share.remaining()))
                    .set(RESET, Long.toString(share.reset()));
            if (!share.granted() && retryAfter) {
                headers.set(HttpHeaderNames.RETRY_AFTER, Long.toString(share.seconds()));
            }
        }
        leftOut.forEach(headers::remove);
    }
}
