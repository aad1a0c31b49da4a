package ai.flameup.sync.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The share of the last 200 persons that may be refused. */
class RefusalPolicyTest {
    @Test
    void refusals_belowTheShareOfTheLast200_areParked() {
        RefusalPolicy policy = new RefusalPolicy(50, false);
        for (int i = 0; i < 99; i++) {
            assertThat(policy.mayPark()).isTrue();
        }
        assertThat(policy.mayPark()).isFalse();
        assertThat(policy.mayPark()).as("once more, after a look").isFalse();
    }

    @Test
    void refusals_before200Others_doNotCount() {
        RefusalPolicy policy = new RefusalPolicy(10, false);
        for (int i = 0; i < 10_000; i++) {
            if (i % 12 == 0) {
                assertThat(policy.mayPark()).as("refusal %d", i).isTrue();
            } else {
                policy.personAccepted();
            }
        }
    }

    @Test
    void smallestShare_allowsOneRefusal() {
        assertThat(new RefusalPolicy(1, false).mayPark()).isTrue();
        RefusalPolicy policy = new RefusalPolicy(1, false);
        policy.mayPark();
        assertThat(policy.mayPark()).isFalse();
    }
}
