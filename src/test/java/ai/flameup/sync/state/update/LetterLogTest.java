package ai.flameup.sync.state.update;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LetterLogTest {
    private final LetterLog log = new LetterLog();

    @Test
    void transactionThatFailed_isNotLogged() {
        log.begin();
        log.delivered(1, "a");
        log.begin();

        assertThat(log.flush()).isFalse();
    }

    @Test
    void laterTransaction_isLoggedAtTheEnd() {
        log.begin();
        log.delivered(1, "a");
        log.committed();
        log.begin();
        log.refusedAgain(2, "b");
        log.committed();

        assertThat(log.flush()).isTrue();
        assertThat(log.flush()).isFalse();
    }
}
