package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.pipeline.DeliveryGauges.Open;
import ai.flameup.sync.pipeline.DeliveryGauges.Stream;
import ai.flameup.sync.state.pending.PendingWork;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AheadTest {
    private static final Instant START = Instant.parse("2026-11-30T03:00:00Z");
    private static final Lsn FROM = new Lsn(1 << 20);
    private static final Lsn TO = new Lsn(3 << 20);
    private static final Lsn END = new Lsn(13 << 20);

    private static Open changes(int changes, boolean isFull) {
        return new Open(changes, 0, 8, new Stream(FROM, TO, isFull));
    }

    @Test
    void fullIntake_estimatesTheChangesInTheRestOfTheWal() {
        assertThat(Ahead.count(changes(10_000, true), StoreSummary.NOTHING, null, END))
                .isEqualTo(10_000 + 50_000 - 8);
        assertThat(Ahead.count(changes(10_000, true), StoreSummary.NOTHING, null, null))
                .isEqualTo(10_000 - 8);
    }

    @Test
    void intakeWithRoom_hasReadEverything() {
        assertThat(Ahead.count(changes(100, false), StoreSummary.NOTHING, null, END))
                .isEqualTo(92);
    }

    @Test
    void deferredRowsAndRetries_areAhead_andNotCountedTwiceOnceRead() {
        StoreSummary stored = new StoreSummary(
                new TreeMap<>(), 0, new PendingWork(new PendingWork.Rows(500, 1, START), 7, START), List.of());

        assertThat(Ahead.count(new Open(0, 0, 0, new Stream(null, null, false)), stored, null, null))
                .isEqualTo(507);
        assertThat(Ahead.count(new Open(0, 300, 0, new Stream(null, null, false)), stored, null, null))
                .isEqualTo(507);
    }

    @Test
    void timeLeft_isMeasuredFromTheStartOfTheBacklog() {
        Ahead ahead = new Ahead();
        Counters counters = new Counters();
        assertThat(ahead.secondsLeft(0, 2.0)).isNull();
        assertThat(ahead.secondsLeft(600, null)).isNull();
        assertThat(ahead.secondsLeft(600, 2.0)).isEqualTo(300);

        ahead.record(START, counters, false);
        ahead.record(START.plusSeconds(30), counters, true);
        for (int i = 0; i < 20; i++) {
            counters.deliveredOne();
        }
        ahead.record(START.plusSeconds(32), counters, true);

        assertThat(ahead.secondsLeft(600, 2.0)).isEqualTo(60);
    }
}
