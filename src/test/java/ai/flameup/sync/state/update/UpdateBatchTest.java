package ai.flameup.sync.state.update;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.ledger.LedgerRows;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateBatchTest {
    @Test
    void batch_hasNewestPositionLast() {
        UpdateBatch batch = UpdateBatch.of(List.of(
                LedgerRows.holds("1", 10),
                new Delivered("1", true),
                new PositionAdvanced(new Lsn(4)),
                LedgerRows.holds("1", 11),
                new PositionAdvanced(new Lsn(5)),
                new Delivered("2", true)));

        assertThat(batch.updates())
                .containsExactly(
                        LedgerRows.holds("1", 10),
                        new Delivered("1", true),
                        LedgerRows.holds("1", 11),
                        new Delivered("2", true));
        assertThat(batch.position()).isEqualTo(new Lsn(5));
        assertThat(batch.whole()).hasSize(5).endsWith(new PositionAdvanced(new Lsn(5)));
    }
}
