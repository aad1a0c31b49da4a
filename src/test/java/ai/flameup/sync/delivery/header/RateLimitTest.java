package ai.flameup.sync.delivery.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.7Z");
    private static final long T = NOW.getEpochSecond();

    /** {@code -} if there is no such header; times as {@code T} plus seconds. */
    @ParameterizedTest
    @CsvSource({
        "120, 7, T+30, 120, 7, 30",
        "' 120 ', ' 7', 'T+30 ', 120, 7, 30",
        "120, 0, T+30, 120, 0, 30",
        "120, 7, T-30, 120, 7, -30",
        "120, 7, T+0.5, 120, 7, 1",
        "120.0, 7.9, T+30.0, 120, 7, 30",
        "120, 7, 30, 120, 7, 30",
        "120, 7, 0, 120, 7, 0",
        "120, 7, 2.25, 120, 7, 3",
        "120, 500, T+30, 120, 120, 30",
        "-, 7, T+30, 7, 7, 30",
        "-, 0, T+30, 1, 0, 30",
        "120, 7, T+3600, 120, 7, 3600",
        "120, 7, T+3601, 120, 7, 3600",
        "120, 7, 86400, 120, 7, 3600",
        "120, 7, 99999999999999999999999, 120, 7, 3600",
        "9999999999999999999999, 7, T+30, 1000000000000000, 7, 30",
        "'120, 100;w=60', 7, T+30, 120, 7, 30",
        "'120;w=60', '7;w=60', '30;w=60', 120, 7, 30",
        "120, 7, 2026-11-24T12:00:30Z, 120, 7, 30",
        "120, 7, 2026-11-24T13:00:29.2+01:00, 120, 7, 30",
        "120, 7, PT30S, 120, 7, 30",
        "120, 7, 1m30s, 120, 7, 90",
    })
    void validHeaders_areRead(String limit, String remaining, String reset, long expected, long left, long resetsIn) {
        assertThat(quota(limit, remaining, reset)).isEqualTo(new RateLimit(expected, left, T + resetsIn, T));
    }

    @ParameterizedTest
    @CsvSource({
        "120, -, T+30",
        "120, 7, -",
        "-, -, -",
        "-, 7, -",
        "abc, 7, T+30",
        "'', 7, T+30",
        "0, 0, T+30",
        "-5, 0, T+30",
        "120, abc, T+30",
        "120, -1, T+30",
        "120, -0.5, T+30",
        "120, 7, soon",
        "120, 7, -1",
        "120, 7, 1.",
        "120, 7, .5",
        "120, 7, 1e9",
        "120, 7, 1_000",
    })
    void invalidHeaders_areIgnored(String limit, String remaining, String reset) {
        assertThat(quota(limit, remaining, reset)).isNull();
    }

    @Test
    void resetInMilliseconds_isRead() {
        assertThat(quota("120", "7", String.valueOf((T + 30) * 1000 - 400)))
                .isEqualTo(new RateLimit(120, 7, T + 30, T));
    }

    @Test
    void reset_isRelativeToAnswersDate() {
        Map<String, String> said = said("120", "7", "30");
        said.put("date", "Tue, 24 Nov 2026 11:00:00 GMT");
        long served = Instant.parse("2026-11-24T11:00:00Z").getEpochSecond();

        assertThat(RateLimit.of(said::get, NOW)).isEqualTo(new RateLimit(120, 7, served + 30, served));
    }

    @Test
    void answerWithoutDate_usesLocalClock() {
        Map<String, String> said = said("120", "7", "30");
        said.put("date", "yesterday");

        assertThat(RateLimit.of(said::get, NOW)).isEqualTo(new RateLimit(120, 7, T + 30, T));
    }

    @Test
    void changingDates_areRead() {
        for (int second = 10; second < 20; second++) {
            Map<String, String> said = said("120", "7", "30");
            said.put("date", "Tue, 24 Nov 2026 11:00:" + second + " GMT");
            long served = Instant.parse("2026-11-24T11:00:00Z").getEpochSecond() + second;

            assertThat(RateLimit.of(said::get, NOW)).isEqualTo(new RateLimit(120, 7, served + 30, served));
        }
    }

    private static @Nullable RateLimit quota(String limit, String remaining, String reset) {
        return RateLimit.of(said(limit, remaining, reset)::get, NOW);
    }

    private static Map<String, String> said(String limit, String remaining, String reset) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        put(headers, "x-ratelimit-limit", limit);
        put(headers, "x-ratelimit-remaining", remaining);
        put(
                headers,
                "x-ratelimit-reset",
                reset.startsWith("T") ? time(reset.strip().substring(1)) : reset);
        return headers;
    }

    private static String time(String added) {
        return new BigDecimal(added).add(BigDecimal.valueOf(T)).toPlainString();
    }

    private static void put(Map<String, String> headers, String name, String value) {
        if (!value.equals("-")) {
            headers.put(name, value);
        }
    }
}
