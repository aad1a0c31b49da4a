package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunDeadlineTest {
    private static RunDeadline limited(boolean untilCaughtUp, Duration deadline) {
        return new RunDeadline(new RunOptions(untilCaughtUp, Duration.ofMinutes(1), deadline, false));
    }

    @Test
    void deadline_countsFromConstruction_onlyForAFiniteRun() throws Exception {
        RunDeadline finite = limited(true, Duration.ZERO);
        assertThat(finite.isPastDeadline()).isTrue();
        assertThat(finite.isGivenUp()).isTrue();
        finite.awaitGivenUp();
        assertThat(limited(true, Duration.ofHours(1)).isPastDeadline()).isFalse();
        assertThat(limited(false, Duration.ZERO).isPastDeadline()).isFalse();
    }

    @Test
    void sinceProgress_withoutProgress_keepsCounting() {
        RunDeadline deadline = limited(true, Duration.ofHours(1));
        long first = deadline.sinceProgress(7);
        assertThat(deadline.sinceProgress(7)).isGreaterThan(first);
    }
}
