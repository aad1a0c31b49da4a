package ai.flameup.sync.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static Patience patience(boolean untilCaughtUp, Duration deadline) {
        return new Patience(new SyncJob.Options(untilCaughtUp, Duration.ofMinutes(1), deadline, false));
    }

    @Test
    void deadline_countsFromTheConstruction_andOnlyForAFiniteRun() throws Exception {
        Patience finite = patience(true, Duration.ZERO);
        assertThat(finite.isPastDeadline()).isTrue();
        assertThat(finite.isGivenUp()).isTrue();
        finite.awaitGivenUp();
        assertThat(patience(true, Duration.ofHours(1)).isPastDeadline()).isFalse();
        assertThat(patience(false, Duration.ZERO).isPastDeadline()).isFalse();
    }

    @Test
    void sinceProgress_withoutMore_goesOnCounting() {
        Patience patience = patience(true, Duration.ofHours(1));
        long first = patience.sinceProgress(7);
        assertThat(patience.sinceProgress(7)).isGreaterThan(first);
    }
}
