package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SpeedTest {
    private static final Instant START = Instant.parse("2026-11-30T03:00:00Z");

    private final Speed speed = new Speed();

    @Test
    void oneReading_isNoSpeed() {
        speed.record(START, -500);

        assertThat(speed.perSecond()).isZero();
        assertThat(speed.secondsLeft(500, null)).isNull();
    }

    @Test
    void withoutSpeed_theBudgetDecides() {
        assertThat(speed.secondsLeft(500, 2.0)).isEqualTo(250);
        assertThat(speed.secondsLeft(500, null)).isNull();
    }

    @Test
    void speed_isThatOfTheLastMinute() {
        speed.record(START, -10_000);
        speed.record(START.plusSeconds(30), -9_000);
        speed.record(START.plusSeconds(90), -3_000);

        assertThat(speed.perSecond()).isEqualTo(100);
        assertThat(speed.secondsLeft(3_000, 5.0)).isEqualTo(30);
    }

    @Test
    void newWork_beginsTheMeasurementAgain() {
        speed.record(START, -1_000);
        speed.record(START.plusSeconds(10), 0);
        speed.record(START.plusSeconds(20), -5_000);

        assertThat(speed.secondsLeft(5_000, null)).isNull();

        speed.record(START.plusSeconds(30), -4_500);

        assertThat(speed.perSecond()).isEqualTo(50);
        assertThat(speed.secondsLeft(4_500, null)).isEqualTo(90);
    }
}
