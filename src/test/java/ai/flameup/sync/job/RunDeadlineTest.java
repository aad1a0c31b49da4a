package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunDeadlineTest {
    private static RunDeadline patience(boolean untilCaughtUp, Duration deadline) {
        return new RunDeadline(new RunOptions(untilCaughtUp, Duration.ofMinutes(1), deadline, false));
    }

    @Test
    void deadline_countsFromTheConstruction_andOnlyForAFiniteRun() throws Exception {
        RunDeadline finite = patience(true, Duration.ZERO);
        assertThat(finite.isPastDeadline()).isTrue();
        assertThat(finite.isGivenUp()).isTrue();
        finite.awaitGivenUp();
        assertThat(patience(true, Duration.ofHours(1)).isPastDeadline()).isFalse();
        assertThat(patience(false, Duration.ZERO).isPastDeadline()).isFalse();
    }

    @Test
    void sinceProgress_withoutMore_goesOnCounting() {
        RunDeadline patience = patience(true, Duration.ofHours(1));
        long first = patience.sinceProgress(7);
        assertThat(patience.sinceProgress(7)).isGreaterThan(first);
    }
}
