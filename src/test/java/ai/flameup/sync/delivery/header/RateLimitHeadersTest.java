package ai.flameup.sync.delivery.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The names of the headers in which APIs report a budget. */
class RateLimitHeadersTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final RateLimit EXPECTED = new RateLimit(120, 7, NOW.getEpochSecond() + 30, NOW.getEpochSecond());

    private static Headers headers(Map<String, String> said) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(said);
        return headers::get;
    }

    private static void assertRead(Map<String, String> said) {
        assertThat(RateLimit.of(headers(said), NOW)).isEqualTo(EXPECTED);
    }

    @Test
    void ietfHeaders_areRead() {
        assertRead(Map.of("ratelimit-limit", "120, 120;w=60", "ratelimit-remaining", "7", "ratelimit-reset", "30"));
        assertRead(Map.of("RateLimit", "limit=120, remaining=7, reset=30"));
        assertRead(Map.of("RateLimit-Policy", "\"default\";q=120;w=60", "RateLimit", "\"default\";r=7;t=30"));
    }

    @Test
    void resetDate_isRead() {
        assertRead(Map.of(
                "X-RateLimit-Limit",
                "120",
                "X-RateLimit-Remaining",
                "7",
                "X-RateLimit-Reset",
                "Tue, 24 Nov 2026 12:00:30 GMT"));
    }

    @Test
    void hyphenatedHeaders_areRead() {
        assertRead(Map.of("X-Rate-Limit-Limit", "120", "X-Rate-Limit-Remaining", "7", "X-Rate-Limit-Reset", "30"));
    }

    @Test
    void invalidHeaders_areQuotedWithoutToken() {
        Headers said =
                headers(Map.of("X-RateLimit-Remaining", "7", "X-RateLimit-Reset", "soon for secret-token-1\r\n\u0007"));

        assertThat(RateLimit.of(said, NOW)).isNull();
        assertThat(RateLimitHeaders.quoted(said, "secret-token-1"))
                .isEqualTo("X-RateLimit-Remaining: 7, X-RateLimit-Reset: soon for [token]");
    }

    @Test
    void answerWithoutHeaders_isNotQuoted() {
        assertThat(RateLimitHeaders.quoted(headers(Map.of("Date", "today")), ""))
                .isNull();
    }
}
