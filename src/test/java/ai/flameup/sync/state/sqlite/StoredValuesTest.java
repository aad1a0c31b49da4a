package ai.flameup.sync.state.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class StoredValuesTest {
    @Test
    void time_hasMillisecondsAtMost() {
        assertThat(StoredValues.text(Instant.parse("2026-12-01T02:00:00.123456789Z")))
                .isEqualTo("2026-12-01T02:00:00.123Z");
        assertThat(StoredValues.text(Instant.parse("2026-12-01T02:00:00Z"))).isEqualTo("2026-12-01T02:00:00Z");
    }
}
