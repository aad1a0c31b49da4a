package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.observe.State;
import ai.flameup.sync.pipeline.DeliveryGauges.PauseCause;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PipelineSnapshotTest {
    private static final Instant NOW = Instant.parse("2026-12-01T03:00:00Z");

    private static @Nullable Double speed(@Nullable Duration pause) {
        return new PipelineSnapshot(
                        PipelineSnapshot.NOTHING.open(),
                        0,
                        PipelineSnapshot.NOTHING.oldest(),
                        pause == null ? null : new PipelineSnapshot.Pause(NOW.plus(pause), PauseCause.REQUESTED),
                        new PipelineSnapshot.Budget(null, 2.0))
                .personsPerSecond(State.IN_STEP, NOW);
    }

    @Test
    void longPause_hasNoSpeed() {
        assertThat(speed(null)).isEqualTo(2.0);
        assertThat(speed(Duration.ofSeconds(10))).isEqualTo(2.0);
        assertThat(speed(Duration.ofHours(1))).isNull();
    }
}
