package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.ACCEPTED;
import static ai.flameup.sync.pipeline.MachineScript.REJECTED;
import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static ai.flameup.sync.pipeline.MachineScript.unread;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A person's states settle in their order, those that are parked without asking the API among them. */
class SettlingOrderTest {
    private final MachineScript script = new MachineScript(OnEmailHeld.PARK);

    private static long[] hash(String email) {
        return new long[] {email.hashCode()};
    }

    private long[] held(String user) {
        return script.stored.getOrDefault(user, LedgerEntry.NONE).addresses();
    }

    private List<String> settled() {
        return script.events.stream().filter(event -> !event.startsWith("send")).toList();
    }

    @Test
    void parkedForAnAddress_whileAnEarlierStateIsInFlight_isParkedBehindIt() {
        script.stored.put("1", LedgerEntry.holding(hash("a@x")));
        script.change(state("2", null, 1), key("2"));
        script.change(state("2", "a@x", 2), key("2"));
        assertThat(settled()).isEmpty();

        script.answer(0, ACCEPTED);
        script.store();

        assertThat(settled()).containsExactly("delivered 2", "park 2");
        assertThat(script.sent).hasSize(1);
        assertThat(script.machine.load()).isZero();
        assertThat(script.machine.bytes()).isZero();
        assertThat(script.machine.sizes()).containsOnly(0);
        assertThat(held("2")).isEmpty();
    }

    @Test
    void changeWithoutKey_whileAnEarlierStateIsInFlight_isParkedBehindIt() {
        script.change(state("2", null, 1), key("2"));
        script.change(unread("2", 2), null);
        script.answer(0, ACCEPTED);
        script.store();
        script.answer(1, ACCEPTED);

        assertThat(settled()).containsExactly("delivered 2", "delivered 2 in part", "park 2");
    }

    @Test
    void changeWithoutKey_replacesAWholeStateThatWaits_isParked() {
        script.change(state("1", null, 1), key("1"));
        script.change(state("2", null, 1), key("2"));
        script.change(unread("2", 2), null);
        script.answer(0, ACCEPTED);
        script.answer(1, ACCEPTED);

        assertThat(settled()).containsExactly("delivered 1", "delivered 2 in part", "park 2");
    }

    @Test
    void changeWithoutKey_isReplacedByAWholeState_isNotParked() {
        script.change(state("1", null, 1), key("1"));
        script.change(unread("2", 1), null);
        script.change(state("2", null, 2), key("2"));
        script.answer(0, ACCEPTED);
        script.answer(1, ACCEPTED);

        assertThat(settled()).containsExactly("delivered 1", "delivered 2");
    }

    @Test
    void taker_whenTheReleaseIsAcceptedButNotStored_isSent() {
        script.stored.put("1", LedgerEntry.holding(hash("a@x")));
        script.change(state("1", "b@x", 1), key("1"));
        script.store();
        script.answer(0, ACCEPTED);
        assertThat(held("1")).as("the store is behind").hasSize(2);

        script.change(state("2", "a@x", 1), key("2"));
        script.store();

        assertThat(settled()).containsExactly("delivered 1");
        assertThat(script.sent).hasSize(2);
    }

    @Test
    void taker_behindAReleaseThatIsRefused_isParked() {
        script.stored.put("1", LedgerEntry.holding(hash("a@x")));
        script.change(state("1", "b@x", 1), key("1"));
        script.store();
        script.change(state("2", "a@x", 1), key("2"));
        script.store();
        script.answer(0, REJECTED);
        script.store();

        assertThat(settled()).containsExactly("park 1", "park 2");
        assertThat(script.sent).hasSize(1);
        assertThat(held("1")).as("the refused address is not held").isEqualTo(hash("a@x"));
    }

    @Test
    void taker_parkedAndSentAgainWhileTheAddressIsHeld_isParkedAgain() {
        script.stored.put("1", LedgerEntry.holding(hash("a@x")));
        script.change(state("2", "a@x", 1), key("2"));
        script.store();
        script.row(state("2", "a@x", 1), key("2"));
        script.store();
        assertThat(script.events).as("both rows are read in one snapshot").contains("defer 2");
        script.row(state("2", "a@x", 1), key("2"), Set.of("1"));
        script.store();

        assertThat(script.sent).isEmpty();
        assertThat(settled()).containsExactly("park 2", "defer 2", "park 2");
    }

    /** Found by the simulation: the address was still claimed because of a late write, and taken from its new holder. */
    @Test
    void formerHolder_whenAnotherTookTheAddressDuringALateWrite_isParked() {
        script.change(state("1", "a@x", 1), key("1"));
        script.store();
        script.answer(0, ACCEPTED);
        script.store();
        script.change(state("1", "b@x", 2), key("1"));
        script.store();
        script.now += 10_000;
        script.answer(1, new Outcome.Failed(0, "timed out", null, true));
        script.later(500);
        script.answer(2, ACCEPTED);
        script.change(state("2", "a@x", 1), key("2"));
        script.store();
        script.answer(3, ACCEPTED);
        script.store();
        script.change(state("1", "a@x", 3), key("1"));
        script.store();
        script.later(60_000);

        assertThat(settled()).containsExactly("delivered 1", "delivered 1", "delivered 2", "park 1");
    }

    @Test
    void rowsOfOneAddress_whenTheFirstIsAccepted_areParkedInTheirOrder() {
        int rows = 90;
        for (int row = 0; row < rows; row++) {
            script.change(state("u" + row, "a@x", 1), key("" + row));
        }
        script.store();
        script.answer(0, ACCEPTED);

        assertThat(settled())
                .hasSize(rows)
                .startsWith("delivered u0", "park u1")
                .endsWith("park u" + (rows - 1));
        assertThat(script.machine.load()).isZero();
    }
}
