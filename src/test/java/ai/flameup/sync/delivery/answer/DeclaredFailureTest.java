package ai.flameup.sync.delivery.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A 2xx whose body says that the request failed. */
class DeclaredFailureTest {
    private static final String FAILURE =
            "{\"success\": false, \"error\": {\"type\": \"invalid_request\", \"message\": \"No such thing\"}, \"request_id\": \"req_7\"}";

    private static Outcome outcome(String body) {
        return OutcomeRules.outcome(
                200, name -> null, body.getBytes(StandardCharsets.UTF_8), Set.of(), Instant.EPOCH, "token");
    }

    @Test
    void successFalse_isRejectionWithReason() {
        assertThat(outcome(FAILURE)).isEqualTo(new Outcome.Rejected(200, "invalid_request: No such thing", "req_7"));
    }

    @Test
    void successFalse_afterOtherMembers_isRejection() {
        assertThat(outcome("{\"data\": {\"a\": [1, {\"success\": true}]}, \"error\": \"no\", \"success\" : false}"))
                .isEqualTo(new Outcome.Rejected(200, "no", null));
    }

    @Test
    void successFalse_inTruncatedBody_isRejection() {
        assertThat(outcome("{\"success\":false,\"error\":{\"mess")).isInstanceOf(Outcome.Rejected.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "OK",
                "{}",
                "{\"success\": true}",
                "{\"success\": null}",
                "{\"success\": \"false\"}",
                "{\"person\": {\"success\": false}}",
                "[{\"success\": false}]",
                "{\"text\": \"\\\"success\\\": false\"}",
                "{\"success\"",
            })
    void anythingElse_isAccepted(String body) {
        assertThat(outcome(body)).isEqualTo(new Outcome.Accepted(Set.of()));
    }

    @Test
    void batch_successFalseAfterPersons_isRecognised() {
        AcceptedIds ids = read("{\"people\":[{\"external_id\":\"1\"}],\"success\":false}");

        assertThat(ids.isDeclaredFailed()).isTrue();
    }

    @Test
    void batch_personWithSuccessFalse_isNotAccepted() {
        AcceptedIds ids = read("{\"success\":true,\"people\":[{\"external_id\":\"1\",\"success\":false},"
                + "{\"success\":true,\"external_id\":\"2\",\"attributes\":{\"success\":false}}]}");

        assertThat(ids.ids()).containsExactly("2");
        assertThat(ids.isDeclaredFailed()).isFalse();
    }

    private static AcceptedIds read(String body) {
        AcceptedIds ids = new AcceptedIds();
        ids.read(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
        return ids;
    }
}
