package ai.flameup.sync.state.pending;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
    @Test
    void longReason_isCutBetweenCharacters() {
        DeadLetter letter = letter("\uD83D\uDD25".repeat(2000) + "x");

        assertThat(letter.reason().getBytes(StandardCharsets.UTF_8)).hasSize(DeadLetter.MAX_REASON_BYTES);
        assertThat(letter.reason()).isEqualTo("\uD83D\uDD25".repeat(1024));
    }

    @Test
    void shortReason_isUnchanged() {
        assertThat(letter("email: taken").reason()).isEqualTo("email: taken");
    }

    @Test
    void toString_omitsReason() {
        assertThat(letter("a@example.com is taken").toString()).doesNotContain("example.com");
    }

    private static DeadLetter letter(String reason) {
        return new DeadLetter("7", null, new DeadLetter.Refusal(422, reason, null, 1), Instant.EPOCH);
    }
}
