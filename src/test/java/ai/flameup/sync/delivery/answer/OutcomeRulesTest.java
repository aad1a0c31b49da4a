package ai.flameup.sync.delivery.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeRulesTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String TOKEN = "ws_live_acme_x7." + SECRET;

    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void success_isAccepted(int status) {
        Outcome outcome = OutcomeRules.outcome(status, headers::get, bytes("junk"), Set.of("1"), NOW, TOKEN);

        assertThat(outcome).isEqualTo(new Outcome.Accepted(Set.of("1")));
    }

    @ParameterizedTest
    @CsvSource({
        "408, false",
        "425, false",
        "429, false",
        "500, false",
        "501, false",
        "502, false",
        "503, false",
        "504, true",
        "520, false",
        "599, false",
        "600, false",
        "999, false",
    })
    void temporaryFailure_isRetried(int status, boolean timedOut) {
        assertThat(outcome(status, "")).isEqualTo(new Outcome.Failed(status, "status " + status, null, timedOut));
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 302, 303, 304, 307, 308, 399, 401, 403, 404})
    void accessError_isRefused(int status) {
        assertThat(outcome(status, "")).isEqualTo(new Outcome.Refused(status, "status " + status, null));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 402, 405, 406, 409, 410, 413, 415, 418, 422, 426, 431, 451, 499})
    void otherClientError_isRejected(int status) {
        assertThat(outcome(status, "")).isEqualTo(new Outcome.Rejected(status, "status " + status, null));
    }

    @Test
    void errorWithType_isQuoted() {
        assertThat(outcome(
                        400,
                        "{\"success\": false, \"error\": {\"type\": \"invalid_request\", \"message\": \"No such thing\"},"
                                + " \"request_id\": \"req_7\"}"))
                .isEqualTo(new Outcome.Rejected(400, "invalid_request: No such thing", "req_7"));
    }

    @Test
    void errorWithCode_isQuotedWithFields() {
        assertThat(reason("{\"error\": {\"code\": \"validation_failed\", \"message\": \"Invalid\", \"details\":"
                        + " {\"fields\": {\"email\": \"is no address\", \"phone\": [\"too long\", \"no number\"]}}}}"))
                .isEqualTo("validation_failed: Invalid (email: is no address; phone: too long, no number)");
    }

    @Test
    void fieldsAsList_areQuoted() {
        assertThat(reason("{\"error\": {\"code\": 7, \"details\": {\"fields\":"
                        + " [{\"field\": \"email\", \"message\": \"is no address\"}, \"userId\"]}}}"))
                .isEqualTo("7 (email: is no address; userId)");
    }

    @Test
    void errorAsText_isQuoted() {
        assertThat(reason("{\"error\": \"Too Many\", \"message\": \"Slow down\"}"))
                .isEqualTo("Too Many: Slow down");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>Bad gateway</html>",
                "{\"error\": {\"message\": \"broken o",
                "null",
                "[]",
                "7",
                "\"words\"",
                "{}",
                "{\"error\": null, \"message\": null}",
                "{\"error\": {}, \"message\": \" \\n \"}",
                "{\"error\": [], \"message\": {}}"
            })
    void bodyWithoutReason_reasonIsStatus(String body) {
        assertThat(reason(body)).isEqualTo("status 422");
    }

    @Test
    void deeplyNestedBody_isRead() {
        String deep = "[".repeat(900) + "]".repeat(900);
        assertThat(reason("{\"error\": {\"code\": \"x\", \"details\": {\"fields\": {\"a\": " + deep + "}}}}"))
                .isEqualTo("x (a: ...)");
        assertThat(reason("[".repeat(100_000))).isEqualTo("status 422");
    }

    @Test
    void reason_isOneLineOf4KB() {
        String words = reason(
                "{\"error\": \"a\\u0000b\\r\\n\\u001b[31mc\\u2028d\", \"message\": \"" + "ü".repeat(5000) + "\"}");

        assertThat(words).startsWith("a b [31mc d: üü").doesNotContain("\n").doesNotContain("\uFFFD");
        assertThat(bytes(words).length).isBetween(4_094, 4_096);
    }

    @Test
    void reason_omitsToken() {
        String body = "{\"error\": {\"type\": \"unauthorized\", \"message\": \"Bearer " + TOKEN + " or " + SECRET
                + " is wrong\"}, \"request_id\": \"" + TOKEN + "\"}";

        assertThat(outcome(401, body))
                .isEqualTo(new Outcome.Refused(401, "unauthorized: Bearer [token] or [token] is wrong", "[token]"));
    }

    @Test
    void reason_cutWithinToken_omitsRest() {
        String filler = "x".repeat(4_096 - 20);

        assertThat(reason("{\"message\": \"" + filler + TOKEN + "\"}")).doesNotContain("ws_live");
    }

    @Test
    void requestId_isFoundInBodyAndHeader() {
        assertThat(outcome(400, "{\"error\": {\"code\": \"x\", \"request_id\": 7}}"))
                .isEqualTo(new Outcome.Rejected(400, "x", "7"));
        headers.put("X-Request-ID", " abc\n");
        assertThat(outcome(403, "{\"error\": \"x\"}")).isEqualTo(new Outcome.Refused(403, "x", "abc"));
    }

    @Test
    void redirect_reasonHasTargetWithoutQuery() {
        headers.put("Location", "https://login.example.com/sso?state=abc#top");

        assertThat(outcome(302, ""))
                .isEqualTo(new Outcome.Refused(302, "status 302, to https://login.example.com/sso", null));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1000",
        "' 30 ', 30000",
        "2.5, 2500",
        "0.0004, 0",
        "3600, 3600000",
        "3601, 3600000",
        "99999999999999999999, 3600000",
        "-5, 0",
        "-0.5, 0",
        "'Tue, 24 Nov 2026 12:00:10 GMT', 10000",
        "'Tuesday, 24-Nov-26 12:00:10 GMT', 10000",
        "'Tue Nov 24 12:00:10 2026', 10000",
        "'Tue Nov  3 12:00:10 2026', 0",
        "'Tue, 24 Nov 2026 11:00:00 GMT', 0",
        "'Wed, 25 Nov 2026 12:00:00 GMT', 3600000",
    })
    void retryAfter_isParsed(String said, long millis) {
        headers.put("retry-after", said);

        assertThat(outcome(503, "")).isEqualTo(new Outcome.Failed(503, "status 503", Duration.ofMillis(millis), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "soon", "5 s", "1e3", "5,6", "Tue, 24 Nov", "NaN"})
    void invalidRetryAfter_isIgnored(String said) {
        headers.put("Retry-After", said);

        assertThat(outcome(429, "")).isEqualTo(new Outcome.Failed(429, "status 429", null, false));
    }

    @Test
    void retryAfterDate_isRelativeToAnswersDate() {
        headers.put("Retry-After", "Tue, 24 Nov 2026 08:00:10 GMT");
        headers.put("Date", "Tue, 24 Nov 2026 08:00:00 GMT");

        assertThat(outcome(429, "")).isEqualTo(new Outcome.Failed(429, "status 429", Duration.ofSeconds(10), false));
    }

    private String reason(String body) {
        return ((Outcome.Rejected) outcome(422, body)).reason();
    }

    private Outcome outcome(int status, String body) {
        return OutcomeRules.outcome(status, headers::get, bytes(body), Set.of(), NOW, TOKEN);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
