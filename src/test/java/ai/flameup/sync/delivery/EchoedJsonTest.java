package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.delivery.answer.AcceptedIds;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.OutcomeRules;
import ai.flameup.sync.delivery.answer.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The API echoes a trait that the JSON reader's own limits would refuse. */
class EchoedJsonTest {
    static String[] traits() {
        return new String[] {
            "7".repeat(1_500),
            "-0." + "7".repeat(100_000) + "e5",
            "[".repeat(1_500) + "]".repeat(1_500),
            "{\"a\":".repeat(30_000) + "\"[{\\\"\"" + "}".repeat(30_000),
            "[".repeat(100_000) + "1, \"x]\", {\"y\": \"}\"}" + "]".repeat(100_000),
            "{\"" + "n".repeat(60_000) + "\": 1}",
        };
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("traits")
    void batch_withLargeMember_namesPersons(String trait) {
        String answer = "{\"people\":[{\"external_id\":\"1\"},{\"external_id\":\"2\",\"attributes\":{\"big\":" + trait
                + "}},{\"big\":" + trait + ",\"external_id\":\"3\"},{\"external_id\":\"4\"}]}";
        AcceptedIds ids = new AcceptedIds();
        ByteBuffer body = ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
        while (body.hasRemaining()) {
            int more = Math.min(body.remaining(), 1_000);
            ids.read(body.slice(body.position(), more));
            body.position(body.position() + more);
        }

        assertThat(ids.ids()).containsExactlyInAnyOrder("1", "2", "3", "4");
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("traits")
    void rejection_keepsReason(String trait) {
        String body = "{\"error\":{\"message\":\"phone is no number\",\"value\":" + trait + "}}";
        if (body.length() > Reason.MAX_BODY_BYTES) {
            return;
        }
        Outcome outcome = OutcomeRules.outcome(
                422, name -> null, body.getBytes(StandardCharsets.UTF_8), Set.of(), Instant.EPOCH, "token");

        assertThat(outcome).isEqualTo(new Outcome.Rejected(422, "phone is no number", null));
    }
}
