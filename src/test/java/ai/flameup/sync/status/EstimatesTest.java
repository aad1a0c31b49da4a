package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import ai.flameup.sync.observe.Statuses;
import ai.flameup.sync.source.slot.RetainedWal;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EstimatesTest {
    private static final Instant AT = Instant.parse("2026-11-26T03:12:00Z");

    @Test
    void goneSlot_hasNoRemainingTimes() {
        Status all = Statuses.slotGone(AT);
        String json = StatusJson.of(all).toString();
        assertThat(json).contains("\"waiting_seconds_left\":1200", "\"seconds_left\":300");

        assertThat(StatusJson.of(Estimates.possible(all)).toString())
                .isEqualTo(json.replaceAll("seconds_left\":\\d+", "seconds_left\":null"));
    }

    @Test
    void usableSlot_keepsRemainingTimes() {
        Status loading = Statuses.loading(AT);
        assertThat(Estimates.possible(loading)).isEqualTo(loading);
    }

    @Test
    void missingSlot_isGone_unknownOneIsNot() {
        ServerView missing = new ServerView(new RetainedWal(null, null, null, new Lsn(1)), AT);
        assertThat(missing.wal("a_slot", 1).slotStatus()).isEqualTo("missing");
        assertThat(missing.wal("a_slot", 1).isSlotGone()).isTrue();
        assertThat(ServerView.NOTHING.wal("a_slot", 1).isSlotGone()).isFalse();
    }
}
