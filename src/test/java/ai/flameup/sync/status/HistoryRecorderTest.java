package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.observe.Event;
import ai.flameup.sync.observe.Event.Kind;
import ai.flameup.sync.observe.Given;
import ai.flameup.sync.observe.History;
import ai.flameup.sync.observe.Sample;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.Statuses;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The events of a job's course, and the limits of its history. */
class HistoryRecorderTest {
    private static final Instant AT = Given.START;

    private final HistoryRecorder recorder = new HistoryRecorder();
    private final Given given = new Given();

    private List<Event> events() {
        return recorder.at(AT).events();
    }

    private List<Kind> kinds() {
        return events().stream().map(Event::kind).toList();
    }

    private void record(State state) {
        recorder.record(given.state(state, true).status());
    }

    @Test
    void halt_isOneEvent_untilTheJobWorksAgain() {
        record(State.STARTING);
        record(State.IN_STEP);
        given.state(State.HALTED, false).because("token refused; check `flameup.token`", null);
        assertThat(recorder.record(given.status())).isTrue();
        assertThat(recorder.record(given.status())).isFalse();
        record(State.BEHIND);

        assertThat(kinds()).containsExactly(Kind.STARTED, Kind.HALTED, Kind.RESUMED);
        assertThat(events()).extracting(Event::message).containsExactly("run, version 1.2.3", "token refused", null);
    }

    @Test
    void haltForAnotherReason_isAnotherEvent() {
        recorder.record(given.state(State.HALTED, false).because("one", null).status());
        recorder.record(given.state(State.HALTED, false).because("two", null).status());
        assertThat(kinds()).containsExactly(Kind.STARTED, Kind.HALTED, Kind.HALTED);
    }

    @Test
    void outage_lastsOverRestartsOfThePipeline() {
        record(State.OUTAGE);
        record(State.STARTING);
        record(State.OUTAGE);
        record(State.IN_STEP);
        assertThat(kinds()).containsExactly(Kind.STARTED, Kind.OUTAGE_BEGAN, Kind.OUTAGE_ENDED);
    }

    @Test
    void end_isOneEvent() {
        record(State.IN_STEP);
        Status ended = given.ended(ExitCode.DONE)
                .because("the run ended as requested", null)
                .status();
        recorder.record(ended);
        recorder.record(ended);
        assertThat(kinds()).containsExactly(Kind.STARTED, Kind.STOPPED);
    }

    @Test
    void haltedRunThatIsStopped_isStopped() {
        record(State.HALTED);
        recorder.record(given.ended(ExitCode.DONE).state(State.HALTED, false).status());
        assertThat(kinds()).containsExactly(Kind.STARTED, Kind.HALTED, Kind.STOPPED);
    }

    @Test
    void runThatEndsByAFault_isHalted() {
        recorder.record(given.ended(ExitCode.GAP).state(State.HALTED, false).status());
        assertThat(kinds()).containsExactly(Kind.STARTED, Kind.HALTED);
    }

    @Test
    void backfillAndDeferral_areEvents() {
        recorder.record(Statuses.inStep(AT));
        recorder.record(Statuses.loading(AT));
        recorder.record(Statuses.deferred(AT));
        recorder.record(Statuses.inStep(AT));

        assertThat(kinds())
                .containsExactly(
                        Kind.STARTED,
                        Kind.DEFERRAL_BEGAN,
                        Kind.BACKFILL_ENDED,
                        Kind.BACKFILL_ENDED,
                        Kind.DEFERRAL_ENDED);
        assertThat(events()).extracting(Event::message).contains("1 (first load)", "2 (where)");
    }

    @Test
    void restoredHistory_precedesThisProcess() {
        recorder.record(given.at(AT).status());
        Sample old = Sample.of(given.at(AT.minusSeconds(3_601)).status());
        Sample recent = Sample.of(given.at(AT.minusSeconds(60)).status());
        Sample future = Sample.of(given.at(AT.plusSeconds(60)).status());
        Event before = new Event(AT.minusSeconds(90_000), Kind.STOPPED, null);
        recorder.restore(new History(List.of(old, recent, future), List.of(before)), AT);

        assertThat(recorder.at(AT).samples()).containsExactly(recent);
        assertThat(kinds()).containsExactly(Kind.STOPPED, Kind.STARTED);
    }

    @Test
    void history_isBounded() {
        Sample sample = Sample.of(given.at(AT.minusSeconds(1)).status());
        Event event = new Event(AT.minusSeconds(1), Kind.RESUMED, null);
        recorder.restore(new History(Collections.nCopies(5_000, sample), Collections.nCopies(5_000, event)), AT);
        assertThat(recorder.at(AT).samples()).hasSize(HistoryRecorder.MAX_SAMPLES);
        assertThat(events()).hasSize(HistoryRecorder.MAX_EVENTS);
    }

    @Test
    void longReason_isCut() {
        recorder.record(given.state(State.HALTED, false)
                .because("x".repeat(5_000), null)
                .status());
        assertThat(events().get(1).message()).hasSize(200);
    }
}
