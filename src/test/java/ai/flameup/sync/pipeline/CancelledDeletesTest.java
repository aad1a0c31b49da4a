package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.ACCEPTED;
import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.person;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.LedgerEntry;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.mapping.Mapped;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import org.junit.jupiter.api.Test;

/** With on-delete: mark or clear, an insert cancels the delete of the same person in its transaction. */
class CancelledDeletesTest {
    private static final String DELETED = "\"2026-11-29T00:00:00Z\"";

    private static final Outcome FAILED = new Outcome.Failed(500, "down", null, false);

    private final MachineScript script = new MachineScript(OnEmailHeld.SEND);

    private static Mapped marked(String user) {
        return new Mapped.Upsert(person(user, null, null, null, DELETED), true, false, true);
    }

    @Test
    void deleteAndInsert_ofOneTransaction_areOneCall() {
        script.stored.put("1", LedgerEntry.holding("a@x".hashCode()));
        script.begin();
        script.more(marked("1"), key("1"));
        script.tick();
        script.more(state("1", "a@x", 2), key("1"));
        script.end();
        script.answer(0, ACCEPTED);
        script.store();

        assertThat(script.events)
                .containsExactly(
                        "send {\"userId\":\"1\",\"email\":\"a@x\",\"traits\":{\"n\":2,\"big\":2,\"deleted\":null}}",
                        "delivered 1");
        assertThat(script.machine.load()).isZero();
        assertThat(script.machine.bytes()).isZero();
        assertThat(script.machine.sizes()).containsOnly(0);
    }

    @Test
    void deleteAndInsert_withAnotherAddress_areOneCall() {
        script.stored.put("1", LedgerEntry.holding("a@x".hashCode()));
        script.begin();
        script.more(marked("1"), key("1"));
        script.more(state("1", "b@x", 2), key("2"));
        script.end();
        script.store();
        script.answer(0, ACCEPTED);

        assertThat(script.sent).hasSize(1);
        assertThat(script.events).last().isEqualTo("delivered 1");
        assertThat(script.machine.bytes()).isZero();
    }

    /** The state before is in flight when its transaction comes, and has to be sent again. */
    @Test
    void deleteAndInsert_behindAFailedState_areNotSentInItsPlace() {
        script.change(state("1", null, 1), key("1"));
        script.begin();
        script.more(marked("1"), key("1"));
        script.more(state("1", "a@x", 2), key("1"));
        script.end();
        script.answer(0, FAILED);
        script.later(60_000);
        script.answer(1, ACCEPTED);
        script.store();
        script.answer(2, ACCEPTED);
        script.store();

        assertThat(script.events)
                .filteredOn(event -> event.startsWith("send"))
                .noneMatch(event -> event.contains(DELETED));
        assertThat(script.events).last().isEqualTo("delivered 1");
        assertThat(script.machine.load()).isZero();
        assertThat(script.machine.bytes()).isZero();
    }

    @Test
    void insert_leavesOutWhatTheDeleteHasCleared_keepsItCleared() {
        script.begin();
        script.more(new Mapped.Upsert(person("1", null, "null", "null", DELETED), true, false, true), key("1"));
        script.more(new Mapped.Upsert(person("1", "a@x", "2", null, "null"), true, false), key("1"));
        script.end();
        script.store();

        assertThat(script.events).singleElement().asString().contains("\"n\":2,\"big\":null,\"deleted\":null");
    }

    @Test
    void delete_withoutAnInsert_isSentWhenItsTransactionEnds() {
        script.begin();
        script.more(marked("1"), key("1"));
        script.tick();
        assertThat(script.sent).isEmpty();

        script.end();

        assertThat(script.sent).hasSize(1);
    }

    @Test
    void delete_whenTheEndIsNotReported_isSentAfterAShortWait() {
        script.change(marked("1"), key("1"));

        script.later(OpenTransaction.MAX_WAIT);

        assertThat(script.sent).hasSize(1);
    }

    @Test
    void delete_whenItsTransactionHasEnded_isDueAtOnce() {
        script.begin();
        script.more(marked("1"), key("1"));
        script.begin();

        assertThat(script.machine.nextAt(script.now)).hasValue(script.now);
    }

    @Test
    void insert_ofTheNextTransaction_cancelsNothing() {
        script.change(marked("1"), key("1"));
        script.change(state("1", "a@x", 2), key("1"));
        script.store();
        script.answer(0, ACCEPTED);
        script.store();

        assertThat(script.sent).hasSize(2);
    }

    @Test
    void deleteThatCannotBeMarked_isCancelledByItsRow() {
        script.begin();
        script.more(new Mapped.Unmappable("not in the replica identity", true), key("1"));
        script.more(state("1", null, 2), key("1"));
        script.more(new Mapped.Unmappable("not in the replica identity", true), key("3"));
        script.end();
        script.answer(0, ACCEPTED);

        assertThat(script.events)
                .filteredOn(event -> !event.startsWith("send"))
                .containsExactly("park row 3", "delivered 1");
        assertThat(script.machine.load()).isZero();
    }
}
