package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StopLimitTest {
    /** Docker kills 10 s after SIGTERM, and the launcher and the JVM take their time to end as well. */
    @Test
    void limit_isLongerThanADrain_andShorterThanDockersPatience() {
        assertThat(StopLimit.LIMIT).isGreaterThan(Run.DRAIN).isLessThan(Duration.ofSeconds(9));
    }
}
