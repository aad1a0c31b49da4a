package ai.flameup.sync.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StopLimitTest {
    /** Docker kills 10 s after SIGTERM, and launcher and JVM also need time to end. */
    @Test
    void limit_isLongerThanADrain_andShorterThanDockersLimit() {
        assertThat(StopLimit.LIMIT).isGreaterThan(Delivery.DRAIN).isLessThan(Duration.ofSeconds(9));
    }
}
