package ai.flameup.sync.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void controlCharacters_areRemoved() {
        assertThat(PlainText.of("a\u001b[2Jb\r\nc\u009b31md\u202ee\u2028f\u0000"))
                .isEqualTo("a [2Jb c 31md e f");
    }

    @Test
    void letters_stay() {
        assertThat(PlainText.of("Läst 名前 \uD83D\uDE00")).isEqualTo("Läst 名前 \uD83D\uDE00");
    }

    @Test
    void longText_isCutAfterAWord() {
        assertThat(PlainText.beginning("phone  is\nno number", 18)).isEqualTo("phone is no number");
        assertThat(PlainText.beginning("phone  is\nno number", 17)).isEqualTo("phone is no ...");
        assertThat(PlainText.beginning("x".repeat(20), 5)).isEqualTo("xxxxx ...");
        assertThat(PlainText.beginning("\uD83D\uDE00".repeat(6), 5)).isEqualTo("\uD83D\uDE00".repeat(3) + " ...");
    }
}
