package ai.flameup.sync.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The clock stands still unless a test moves it. */
class RateLimitTest extends StandInHttpTest {
    private static final Instant START = Instant.parse("2026-11-23T14:42:07.300Z");
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private static final AtomicReference<Instant> NOW = new AtomicReference<>(START);

    RateLimitTest() {
        super(StandIn.start(NOW::get));
    }

    @BeforeEach
    void start() {
        NOW.set(START);
    }

    @Test
    void noLimit_noHeaderMentionsOne() throws Exception {
        HttpResponse<String> answer = upsert(ANN);

        assertThat(answer.headers().map().keySet()).noneMatch(name -> name.startsWith("x-ratelimit"));
        assertThat(answer.headers().firstValue("Date")).contains("Mon, 23 Nov 2026 14:42:07 GMT");
        assertThat(standIn.windows()).isEmpty();
    }

    @Test
    void everyResponse_hasTheRemainingRequests() throws Exception {
        standIn.budget(3, TEN_SECONDS);

        // The window of 10 s is shortened so that it ends on a whole second: 14:42:17.
        assertThat(budget(upsert(ANN))).isEqualTo("200: 3 2 " + second("14:42:17"));
        assertThat(budget(get("search?external_id=1"))).isEqualTo("200: 3 1 " + second("14:42:17"));
        assertThat(budget(post("nothing", ANN))).isEqualTo("404: 3 0 " + second("14:42:17"));
    }

    @Test
    void pastTheLimit_nothingIsAppliedUntilTheWindowEnds() throws Exception {
        standIn.budget(1, TEN_SECONDS);
        upsert(ANN);

        HttpResponse<String> refused = upsert("{\"userId\":\"2\"}");
        assertThat(budget(refused)).isEqualTo("429: 1 0 " + second("14:42:17"));
        assertThat(json(refused).path("error").isTextual()).isTrue();
        assertThat(json(refused).path("message").isTextual()).isTrue();
        assertThat(refused.headers().firstValue("Retry-After")).isEmpty();
        assertThat(standIn.personCount()).isEqualTo(1);

        itIs("14:42:16.999");
        assertThat(upsert(ANN).statusCode()).isEqualTo(429);
        itIs("14:42:17.000");
        assertThat(budget(upsert(ANN))).isEqualTo("200: 1 0 " + second("14:42:27"));
        assertThat(standIn.requests429()).isEqualTo(2);
        assertThat(standIn.requests()).isEqualTo(4);
        assertThat(standIn.windows()).containsExactly(1, 1);
    }

    @Test
    void window_opensWithItsFirstRequest() throws Exception {
        standIn.budget(5, TEN_SECONDS);
        upsert(ANN);
        upsert(ANN);
        itIs("14:43:30.900");

        assertThat(budget(upsert(ANN))).isEqualTo("200: 5 4 " + second("14:43:40"));
        assertThat(standIn.windows()).containsExactly(2, 1);
    }

    @Test
    void window_notOfWholeSeconds_isNotShortened() throws Exception {
        standIn.budget(1, Duration.ofMillis(500));

        assertThat(budget(upsert(ANN))).isEqualTo("200: 1 0 " + second("14:42:08"));
        itIs("14:42:07.799");
        assertThat(upsert(ANN).statusCode()).isEqualTo(429);
        itIs("14:42:07.800");
        assertThat(budget(upsert(ANN))).isEqualTo("200: 1 0 " + second("14:42:09"));
    }

    @Test
    void limit_changedWithinAWindow_appliesAtOnce() throws Exception {
        standIn.budget(1, TEN_SECONDS);
        upsert(ANN);
        assertThat(upsert(ANN).statusCode()).isEqualTo(429);

        standIn.budget(3, Duration.ofSeconds(60));
        assertThat(budget(upsert(ANN))).isEqualTo("200: 3 1 " + second("14:42:17"));
        standIn.budget(1, Duration.ofSeconds(60));
        assertThat(budget(upsert(ANN))).isEqualTo("429: 1 0 " + second("14:42:17"));

        itIs("14:42:17.000");
        assertThat(budget(upsert(ANN))).isEqualTo("200: 1 0 " + second("14:43:17"));
        standIn.noBudget();
        assertThat(budget(upsert(ANN))).isEqualTo("200:");
        standIn.budget(2, TEN_SECONDS);
        assertThat(budget(upsert(ANN))).isEqualTo("200: 2 1 " + second("14:42:27"));
        assertThat(standIn.windows()).containsExactly(2, 1, 1);
    }

    @Test
    void retryAfter_isAddedTo429() throws Exception {
        standIn.budget(0, TEN_SECONDS).retryAfter(true);

        assertThat(upsert(ANN).headers().firstValue("Retry-After")).contains("10");
        itIs("14:42:16.001");
        assertThat(upsert(ANN).headers().firstValue("Retry-After")).contains("1");
        standIn.retryAfter(false);
        assertThat(upsert(ANN).headers().firstValue("Retry-After")).isEmpty();
    }

    @Test
    void clockOffset_changesDateAndReset() throws Exception {
        standIn.budget(2, TEN_SECONDS).clockOffset(Duration.ofMillis(-3_600_600));

        HttpResponse<String> answer = upsert(ANN);
        assertThat(answer.headers().firstValue("Date")).contains("Mon, 23 Nov 2026 13:42:06 GMT");
        assertThat(budget(answer)).isEqualTo("200: 2 1 " + second("13:42:16"));
        // 13:42:16 of that clock, the stated end of the window.
        itIs("14:42:16.599");
        assertThat(budget(upsert(ANN))).isEqualTo("200: 2 0 " + second("13:42:16"));
        itIs("14:42:16.600");
        assertThat(budget(upsert(ANN))).isEqualTo("200: 2 1 " + second("13:42:26"));
    }

    @Test
    void date_changesEachSecond() throws Exception {
        upsert(ANN);
        itIs("14:42:08.000");

        assertThat(upsert(ANN).headers().firstValue("Date")).contains("Mon, 23 Nov 2026 14:42:08 GMT");
    }

    @Test
    void without_omitsHeaders() throws Exception {
        standIn.budget(2, TEN_SECONDS).without("x-ratelimit-reset", "Date");
        HttpResponse<String> answer = upsert(ANN);
        assertThat(answer.headers().firstValue("X-RateLimit-Remaining")).contains("1");
        assertThat(answer.headers().map()).doesNotContainKeys("x-ratelimit-reset", "date");

        standIn.without();
        assertThat(budget(upsert(ANN))).isEqualTo("200: 2 0 " + second("14:42:17"));
    }

    @Test
    void behaviourHeaders_replaceTheLimitsHeaders() throws Exception {
        standIn.budget(2, TEN_SECONDS)
                .without("X-RateLimit-Reset")
                .next(Behaviour.status(500)
                        .header("X-RateLimit-Remaining", "none")
                        .header("X-RateLimit-Reset", "7"));

        assertThat(budget(upsert(ANN))).isEqualTo("500: 2 none 7");
    }

    @Test
    void refusedRequest_usesUpNoBehaviour() throws Exception {
        standIn.budget(1, TEN_SECONDS).next(Behaviour.ok()).next(Behaviour.status(500));
        upsert(ANN);
        assertThat(upsert(ANN).statusCode()).isEqualTo(429);
        itIs("14:42:17.000");

        assertThat(upsert(ANN).statusCode()).isEqualTo(500);
    }

    @Test
    void invalidLimit_isRefused() {
        assertThatThrownBy(() -> standIn.budget(-1, TEN_SECONDS)).hasMessageContaining("-1");
        assertThatThrownBy(() -> standIn.budget(1, Duration.ZERO)).hasMessageContaining("PT0S");
    }

    private void itIs(String time) {
        NOW.set(instant(time));
    }

    private static Instant instant(String time) {
        return Instant.parse("2026-11-23T" + time + "Z");
    }

    private static long second(String time) {
        return instant(time).getEpochSecond();
    }

    /** Status, limit, remaining and reset. */
    private static String budget(HttpResponse<String> answer) {
        StringBuilder text = new StringBuilder(answer.statusCode() + ":");
        for (String name : new String[] {"Limit", "Remaining", "Reset"}) {
            answer.headers().firstValue("X-RateLimit-" + name).ifPresent(value -> text.append(' ')
                    .append(value));
        }
        return text.toString();
    }
}
