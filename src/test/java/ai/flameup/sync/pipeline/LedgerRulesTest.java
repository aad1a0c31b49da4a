package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.ACCEPTED;
import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.person;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.mapping.Mapped;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the ledger saves, and what it must not leave out. */
class LedgerRulesTest {
    private static final Outcome TIMED_OUT = new Outcome.Failed(0, "timed out", null, true);
    private static final Outcome FAILED = new Outcome.Failed(500, "down", null, false);

    private MachineScript script = new MachineScript(MachineScript.skipping());

    private void change(int n) {
        script.change(state("1", "a@x", n), key("1"));
        script.store();
    }

    private void answer(int request, Outcome outcome) {
        script.answer(request, outcome);
        script.store();
    }

    /** The values of {@code n} in the order in which they were sent. */
    private List<String> sent() {
        return script.events.stream()
                .filter(event -> event.startsWith("send"))
                .map(event -> event.replaceAll(".*\"n\":(\\d+).*", "$1"))
                .toList();
    }

    /** A process that is killed, and another that has what it stored and sent. */
    private void kill(int... unanswered) {
        List<RequestTrace.Unanswered> left = new ArrayList<>();
        for (int request : unanswered) {
            script.sent.get(request).upserts().forEach(one -> left.add(new RequestTrace.Unanswered(one.trace(), 0)));
        }
        script = new MachineScript(MachineScript.skipping(), script.stored);
        script.handle(new Event.Started(left, true, Event.Unread.NOTHING, null));
    }

    @Test
    void unchangedState_isNotSent() {
        change(1);
        answer(0, ACCEPTED);
        change(1);

        assertThat(sent()).containsExactly("1");
        assertThat(script.events).last().isEqualTo("unchanged 1");
        assertThat(script.machine.load()).isZero();
        assertThat(script.machine.bytes()).isZero();
        assertThat(script.machine.sizes()).containsOnly(0);
    }

    @Test
    void formerState_behindANewerOneInFlight_isSent() {
        change(1);
        answer(0, ACCEPTED);
        change(2);
        change(1);
        answer(1, ACCEPTED);

        assertThat(sent()).containsExactly("1", "2", "1");
    }

    @Test
    void formerState_afterATimeOut_isSent() {
        change(1);
        answer(0, ACCEPTED);
        change(2);
        answer(1, TIMED_OUT);
        change(1);
        script.later(60_000);

        assertThat(sent()).containsExactly("1", "2", "1");
    }

    @Test
    void formerState_afterAServerError_isSent() {
        change(1);
        answer(0, ACCEPTED);
        change(2);
        answer(1, FAILED);
        change(1);
        script.later(60_000);

        assertThat(sent()).containsExactly("1", "2", "1");
    }

    @Test
    void formerState_afterAKillWithANewerOneInFlight_isSent() {
        change(1);
        answer(0, ACCEPTED);
        change(2);
        kill(1);
        script.streamFrom(2);
        script.begin();
        script.more(state("1", "a@x", 2), key("1"));
        script.begin();
        script.more(state("1", "a@x", 1), key("1"));
        script.tick();
        script.store();

        assertThat(sent()).containsExactly("1");
    }

    @Test
    void acceptedChanges_repeatedAfterAKill_areNotSent() {
        change(1);
        answer(0, ACCEPTED);
        change(2);
        answer(1, ACCEPTED);
        kill();
        script.streamFrom(1);
        change(1);
        change(2);
        assertThat(sent()).isEmpty();
        assertThat(script.machine.load()).isZero();

        change(3);
        assertThat(sent()).containsExactly("3");
    }

    @Test
    void change_thatAnUnansweredRequestHasSuperseded_isHeldUntilThatArrives() {
        script.change(state("2", "b@x", 1), key("2"));
        script.store();
        change(1);
        change(2);
        change(3);
        answer(0, ACCEPTED);
        answer(1, FAILED);
        script.later(60_000);
        assertThat(sent()).endsWith("3");
        kill(2);

        script.streamFrom(2);
        change(1);
        change(2);
        assertThat(sent()).isEmpty();
        assertThat(script.machine.isHolding()).isTrue();

        change(3);
        assertThat(sent()).containsExactly("3");
        assertThat(script.machine.isHolding()).isFalse();
    }

    @Test
    void changeHeldForARowThatDoesNotComeAgain_isReadAgain() {
        change(1);
        answer(0, FAILED);
        kill();
        RequestTrace row =
                new RequestTrace(RequestTrace.person("1"), 7, "a@x".hashCode(), new Position(new Lsn(250), 0));
        script = new MachineScript(MachineScript.skipping(), script.stored);
        script.handle(
                new Event.Started(List.of(new RequestTrace.Unanswered(row, 0)), true, Event.Unread.NOTHING, null));
        script.streamFrom(1);
        change(1);
        assertThat(script.events).isEmpty();

        script.change(state("2", "b@x", 1), key("2"));
        assertThat(script.events).contains("defer 1");
        assertThat(sent()).doesNotContain("1");
    }

    /** The held state keeps its place behind another person's, and the next change must not take the place of nothing. */
    @Test
    void changeBehindAHeldOneThatIsReadAgain_isSentAndAcknowledged() {
        RequestTrace row =
                new RequestTrace(RequestTrace.person("1"), 7, "a@x".hashCode(), new Position(new Lsn(350), 0));
        script.handle(
                new Event.Started(List.of(new RequestTrace.Unanswered(row, 0)), true, Event.Unread.NOTHING, null));
        script.change(state("2", "a@x", 1), key("2"));
        script.store();
        change(1);
        script.change(state("3", "c@x", 1), key("3"));
        script.change(state("4", "d@x", 1), key("4"));
        assertThat(script.events).contains("defer 1");

        change(2);
        for (int request = 0; request < script.sent.size(); request++) {
            answer(request, ACCEPTED);
        }

        assertThat(script.events)
                .as("user 2 has the address by now")
                .filteredOn("defer 1"::equals)
                .hasSize(2);
        assertThat(script.machine.load()).isZero();
    }

    /** The held change was to be sent in place of the repetition. */
    @Test
    void lateWrite_whoseSuccessorIsReadAgain_isRepeated() {
        RequestTrace row =
                new RequestTrace(RequestTrace.person("1"), 7, "a@x".hashCode(), new Position(new Lsn(350), 0));
        script.handle(
                new Event.Started(List.of(new RequestTrace.Unanswered(row, 0)), true, Event.Unread.NOTHING, null));
        script.row(state("1", "a@x", 5), key("1"));
        script.tick();
        script.store();
        answer(0, TIMED_OUT);
        script.later(5_000);
        answer(1, ACCEPTED);
        change(1);
        script.later(60_000);
        script.store();
        assertThat(sent()).containsExactly("5", "5");

        script.change(state("3", "c@x", 1), key("3"));
        script.change(state("4", "d@x", 1), key("4"));
        assertThat(script.events).contains("defer 1");
        script.later(60_000);
        for (int request = 2; request < script.sent.size(); request++) {
            answer(request, ACCEPTED);
        }

        assertThat(sent()).filteredOn("5"::equals).hasSize(3);
        assertThat(script.machine.load()).isZero();
    }

    @Test
    void partialState_isComparedByWhatItCarries() {
        change(1);
        answer(0, ACCEPTED);
        script.change(partial("1"), key("1"));
        assertThat(script.events).last().isEqualTo("unchanged 1");

        script.change(partial("2"), key("1"));
        assertThat(sent()).containsExactly("1", "2");
    }

    @Test
    void changedAddress_isSent() {
        change(1);
        answer(0, ACCEPTED);
        script.change(state("1", "A@x", 1), key("1"));
        script.store();

        assertThat(sent()).containsExactly("1", "1");
    }

    @Test
    void rowOfABackfill_isSentUnchanged() {
        change(1);
        answer(0, ACCEPTED);
        script.row(state("1", "a@x", 1), key("1"));

        assertThat(sent()).containsExactly("1", "1");
    }

    @Test
    void afterALossOfPower_nothingIsLeftOutBeforeAMarker() {
        change(1);
        answer(0, ACCEPTED);
        script = new MachineScript(MachineScript.skipping(), script.stored);
        script.handle(new Event.Started(List.of(), false, Event.Unread.NOTHING, null));
        script.streamFrom(2);
        change(1);
        answer(0, ACCEPTED);
        assertThat(sent()).containsExactly("1");

        script.handle(new Event.Marker("m", true));
        change(1);
        assertThat(sent()).containsExactly("1");
    }

    @Test
    void formerState_ofAPersonWhoseAddressAnotherTook_isSent() {
        change(1);
        answer(0, ACCEPTED);
        script.change(state("2", "a@x", 1), key("2"));
        script.store();
        answer(1, ACCEPTED);
        change(1);

        assertThat(script.sent).hasSize(3);
    }

    @Test
    void formerState_afterAKillWhoseRequestCannotBeAppliedAnyMore_isSentOnce() {
        change(1);
        answer(0, ACCEPTED);
        change(2);
        kill(1);
        script.streamFrom(3);
        change(1);
        answer(0, ACCEPTED);
        change(1);

        assertThat(sent()).containsExactly("1");
        assertThat(script.dropped).containsExactly(RequestTrace.person("1"));
    }

    @Test
    void nulls_areLeftOutOfTheFirstDeliveryOnly() {
        script.change(first("1"), key("1"));
        script.answer(0, ACCEPTED);
        script.store();
        script.change(first("2"), key("1"));

        assertThat(script.events)
                .filteredOn(event -> event.startsWith("send"))
                .containsExactly(
                        "send {\"userId\":\"1\",\"traits\":{\"n\":1,\"big\":1}}",
                        "send {\"userId\":\"1\",\"traits\":{\"n\":2,\"big\":1,\"deleted\":null}}");
    }

    private static Mapped.Upsert partial(String n) {
        return new Mapped.Upsert(person("1", null, n, null, "null"), false, false);
    }

    /** An insert, with a null. */
    private static Mapped.Upsert first(String n) {
        return new Mapped.Upsert(MachineScript.inserted("1", n, "1"), true, false);
    }
}
