package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RejectionsTest {
    @Test
    void parksFewerThanTheShareOfTheLast200() {
        Rejections rejections = new Rejections(50);
        for (int i = 0; i < 99; i++) {
            assertThat(rejections.refused()).isTrue();
        }
        assertThat(rejections.refused()).isFalse();
        assertThat(rejections.refused()).as("once more, after a look").isFalse();
    }

    @Test
    void forgetsWhatIsLongerAgo() {
        Rejections rejections = new Rejections(10);
        for (int i = 0; i < 10_000; i++) {
            if (i % 12 == 0) {
                assertThat(rejections.refused()).as("refusal %d", i).isTrue();
            } else {
                rejections.accepted();
            }
        }
    }

    @Test
    void haltsOneWhereNoneMayBeParked() {
        assertThat(new Rejections(1).refused()).isTrue();
        Rejections rejections = new Rejections(1);
        rejections.refused();
        assertThat(rejections.refused()).isFalse();
    }
}
