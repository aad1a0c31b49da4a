package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HeartbeatLagTest {
    private static final Instant START = Instant.parse("2026-11-26T12:00:00Z");

    private final HeartbeatLag beats = new HeartbeatLag();

    @Test
    void oldest_isTheFirstThatHasNotArrived() {
        beats.next(START);
        String second = beats.next(START.plusSeconds(10));
        beats.next(START.plusSeconds(20));

        assertThat(beats.oldest()).isEqualTo(START);
        assertThat(beats.markerReached(second, START.plusSeconds(21))).isTrue();
        assertThat(beats.oldest()).isEqualTo(START.plusSeconds(20));
        assertThat(beats.passedAt()).isEqualTo(START.plusSeconds(21));
    }

    @Test
    void writtenAt_isKnownUntilTheArrival() {
        String first = beats.next(START);
        assertThat(beats.writtenAt(first)).isEmpty();
        beats.written(first, new Lsn(7));
        assertThat(beats.writtenAt(first)).contains(new Lsn(7));
        beats.markerReached(first, START.plusSeconds(1));
        assertThat(beats.writtenAt(first)).isEmpty();
        assertThat(beats.passedWrittenAt()).isEqualTo(START);
    }

    @Test
    void isOurs_markerOfAnotherProcess_isFalse() {
        beats.next(START);
        assertThat(beats.markerReached(new HeartbeatLag().next(START), START)).isFalse();
        assertThat(beats.markerReached("passing 1 2", START)).isFalse();
        assertThat(beats.oldest()).isEqualTo(START);
        assertThat(beats.passedAt()).isNull();
    }

    @Test
    void longOutage_keepsOldestAndNewest() {
        String early = "";
        String last = "";
        for (int i = 0; i < 10_000; i++) {
            last = beats.next(START.plusSeconds(i));
            early = i == 1_022 ? last : early;
        }
        assertThat(beats.oldest()).isEqualTo(START);
        beats.markerReached(early, START);
        assertThat(beats.oldest()).isEqualTo(START.plusSeconds(9_999));
        beats.markerReached(last, START);
        assertThat(beats.oldest()).isNull();
    }
}
