package ai.flameup.sync.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StopLimitTest {
    /** The end of the stream, the drain and the end of the clock; afterwards the slot is told of the position. */
    @Test
    void limit_isLongerThanAllWaitsAtTheEndOfARun() {
        assertThat(StopLimit.LIMIT).isGreaterThan(Run.DRAIN.multipliedBy(3));
    }
}
