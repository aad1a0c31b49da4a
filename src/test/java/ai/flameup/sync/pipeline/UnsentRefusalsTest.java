package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.ACCEPTED;
import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import org.junit.jupiter.api.Test;

/** Rows that are refused without asking the API count as refused, as others do. */
class UnsentRefusalsTest {
    private static final Mapped NAMELESS = new Mapped.Unmappable("the user id is null");

    @Test
    void rowsWithoutUserId_whenTheyAreTooMany_halt() {
        MachineScript script = new MachineScript(OnEmailHeld.SEND);
        for (int row = 0; row < 400; row++) {
            script.row(NAMELESS, key("" + row));
        }

        assertThat(script.rejectionHalts).isEqualTo(1);
        assertThat(script.events).filteredOn(event -> event.startsWith("park")).hasSize(99);
    }

    @Test
    void changesWithoutUserId_whenTheyHalt_keepThePosition() {
        MachineScript script = new MachineScript(OnEmailHeld.SEND);
        for (int change = 0; change < 150; change++) {
            script.change(NAMELESS, null);
        }

        assertThat(script.rejectionHalts).isEqualTo(1);
        assertThat(script.position).isEqualTo(new Lsn(100 + 100 * 100));
    }

    @Test
    void aFewRowsWithoutUserId_amongOthers_areParked() {
        MachineScript script = new MachineScript(OnEmailHeld.SEND);
        for (int change = 0; change < 400; change++) {
            script.change(change % 4 == 0 ? NAMELESS : state("u" + change, null, 1), key("" + change));
            for (int sent = script.sent.size() - 1; sent >= 0 && script.machine.inFlight() > 0; sent--) {
                script.answer(sent, ACCEPTED);
            }
        }

        assertThat(script.rejectionHalts).isZero();
        assertThat(script.events).filteredOn(event -> event.startsWith("park")).hasSize(100);
    }

    @Test
    void personsWhoseAddressIsHeld_whenTheyAreTooMany_halt() {
        MachineScript script = new MachineScript(OnEmailHeld.PARK);
        for (int user = 0; user < 150; user++) {
            script.stored.put("old" + user, LedgerEntry.holding(("a" + user + "@x").hashCode()));
            script.change(state("new" + user, "a" + user + "@x", 1), key("" + user));
        }

        assertThat(script.rejectionHalts).isEqualTo(1);
        assertThat(script.events).filteredOn(event -> event.startsWith("park")).hasSize(99);
    }

    @Test
    void rowsWithoutUserId_behindAHalt_haltAgainAndNoneIsParked() {
        MachineScript script = new MachineScript(
                MachineScript.settings(4, Batch.NEVER, OnEmailHeld.SEND).onProbation());
        script.change(NAMELESS, key("1"));

        assertThat(script.events).containsExactly("halted by rejections");
    }
}
