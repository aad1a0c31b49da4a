package ai.flameup.sync.cli.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void yes_isOnlyAClearYes() {
        assertThat(Terminal.isYes("y")).isTrue();
        assertThat(Terminal.isYes(" YES ")).isTrue();
        assertThat(Terminal.isYes("")).isFalse();
        assertThat(Terminal.isYes("n")).isFalse();
        assertThat(Terminal.isYes("yesterday")).isFalse();
        assertThat(Terminal.isYes(null)).isFalse();
    }
}
