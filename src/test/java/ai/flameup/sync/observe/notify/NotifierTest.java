package ai.flameup.sync.observe.notify;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.observe.Given;
import ai.flameup.sync.observe.State;
import ai.flameup.sync.observe.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a person is told, and when, decided without a clock: the status says what time it is. */
class NotifierTest {
    private static final String ROUTE =
            "flameup-sync db-prod/app.public.users → workspace acme at https://api.flameup.ai: ";

    private final Given given = new Given();
    private final List<String> told = new ArrayList<>();
    private AlertPolicy alarm = AlertPolicy.of(Map.of());
    private long now;

    /** The same for so long, looked at every second. */
    private void lasts(int seconds) {
        for (long end = now + seconds; now < end; now++) {
            hear(alarm.look(given.at(Given.START.plusSeconds(now)).status()));
        }
    }

    private void ends(ExitCode code) {
        hear(alarm.look(given.at(Given.START.plusSeconds(now)).ended(code).status()));
    }

    private void hear(AlertPolicy next) {
        alarm = next;
        next.messages().forEach(message -> {
            assertThat(message).startsWith(ROUTE);
            told.add(message.substring(ROUTE.length()));
        });
    }

    @Test
    void nothingIsToldWhileAllIsWell() {
        given.state(State.STARTING, false);
        lasts(60);
        for (State state : List.of(State.LOADING, State.IN_STEP, State.BEHIND, State.THROTTLED)) {
            given.state(state, true);
            lasts(3600);
        }
        ends(ExitCode.DONE);
        assertThat(told).isEmpty();
    }

    @Test
    void aHaltIsToldOnceWithItsRemedyAndSoIsItsEnd() {
        given.state(State.HALTED, false).because("Flameup refuses the token", "flameup-sync doctor");
        lasts(3600);
        assertThat(told).containsExactly("needs you: halted: Flameup refuses the token. Remedy: flameup-sync doctor");
        given.state(State.IN_STEP, true);
        lasts(3600);
        assertThat(told).hasSize(2).last().isEqualTo("works again: in step.");
    }

    @Test
    void aHaltForAnotherCauseIsToldThoughTheFirstOneIsNotOverForLong() {
        given.state(State.HALTED, false)
                .because("Flameup refuses the token (401); put it right", "flameup-sync doctor");
        lasts(60);
        given.state(State.IN_STEP, true);
        lasts(60);
        given.state(State.HALTED, false).because("Flameup refuses too many persons; see why", null);
        lasts(60);
        assertThat(told).hasSize(2).last().asString().contains("too many persons");

        // and not again, whatever numbers it comes with
        given.state(State.HALTED, false).because("Flameup refuses too many persons; see why 7", null);
        lasts(3600);
        assertThat(told).hasSize(2);
    }

    @Test
    void whatComesAndGoesIsToldOnce() {
        for (int i = 0; i < 50; i++) {
            given.state(State.HALTED, false);
            lasts(60);
            given.state(State.STARTING, false);
            lasts(2);
            given.state(State.IN_STEP, true);
            lasts(30);
        }
        assertThat(told).hasSize(1);
    }

    @Test
    void whatIsNeverLongIsNotToldAtAll() {
        for (int i = 0; i < 50; i++) {
            given.state(State.BEHIND, false);
            lasts(50);
            given.state(State.OUTAGE, false);
            lasts(200);
            given.state(State.IN_STEP, true);
            lasts(1);
        }
        assertThat(told).isEmpty();
    }

    @Test
    void anOutageIsToldAfterFiveMinutes() {
        given.state(State.OUTAGE, false).because("Flameup: HTTP 503", null);
        lasts(300);
        assertThat(told).isEmpty();
        lasts(1);
        assertThat(told).containsExactly("outage: Flameup: HTTP 503. It goes on by itself.");
    }

    @Test
    void aHaltAfterAnOutageIsWorse() {
        given.state(State.OUTAGE, false);
        lasts(600);
        given.state(State.HALTED, false);
        lasts(600);
        given.state(State.OUTAGE, false);
        lasts(600);
        assertThat(told).hasSize(2);
    }

    @Test
    void notReadyIsToldAfterAMinute() {
        given.state(State.BEHIND, false).because("nothing was delivered for 60 s", null);
        lasts(60);
        assertThat(told).isEmpty();
        lasts(1);
        assertThat(told).containsExactly("needs you: not ready: nothing was delivered for 60 s.");
    }

    @Test
    void retainedWalIsToldAtHalfAndAtTheWholeOfItsLimit() {
        given.retained(Given.LIMIT / 2 + 1)
                .notices(new Status.Notice("retained-wal", "the server keeps 5 GB", "flameup-sync doctor"));
        lasts(600);
        assertThat(told).containsExactly("needs you: the server keeps 5 GB. Remedy: flameup-sync doctor");
        given.retained(Given.LIMIT + 1).state(State.BEHIND, false);
        lasts(600);
        given.retained(Given.LIMIT - 1).state(State.BEHIND, true);
        lasts(600);
        given.retained(null);
        lasts(600);
        assertThat(told).as("no longer the whole, and not known: no news").hasSize(2);
        given.retained(1L);
        lasts(600);
        assertThat(told).hasSize(3).last().isEqualTo("less than half of postgres.max-retained-wal is retained again.");
    }

    @Test
    void deadLettersAreToldAsTheyDouble() {
        for (long letters = 1; letters <= 1000; letters++) {
            given.deadLetters(Map.of("422", letters));
            lasts(61);
        }
        assertThat(told).hasSize(10);
        given.deadLetters(Map.of());
        lasts(600);
        assertThat(told).hasSize(11).last().isEqualTo("no dead letters are left.");
    }

    @Test
    void aFiniteRunTellsAtItsEndWhatItFound() {
        given.mode("until-caught-up")
                .deadLetters(Map.of("422", 1L))
                .notices(new Status.Notice("backfill-failed", "a backfill failed", "flameup-sync backfill list"));
        lasts(3);
        assertThat(told).isEmpty();
        ends(ExitCode.ATTENTION);
        assertThat(told)
                .containsExactly(
                        "needs you: there are dead letters. Remedy: flameup-sync status",
                        "needs you: a backfill failed. Remedy: flameup-sync backfill list");
    }

    @Test
    void runsThatFailOneAfterTheOtherAreToldOnce() {
        given.mode("until-caught-up");
        for (int i = 0; i < 20; i++) {
            alarm = AlertPolicy.of(alarm.told());
            given.because("Flameup: no answer", "flameup-sync doctor");
            ends(i % 5 == 4 ? ExitCode.TRY_LATER : ExitCode.FLAMEUP);
        }
        assertThat(told).containsExactly("needs you: ended: Flameup: no answer. Remedy: flameup-sync doctor");
        ends(ExitCode.DONE);
        assertThat(told).hasSize(2).last().isEqualTo("works again: caught up.");
    }

    @Test
    void aProcessThatIsStoppedHasMendedNothing() {
        given.state(State.HALTED, false);
        lasts(20);
        ends(ExitCode.DONE);
        assertThat(told).hasSize(1);
        assertThat(alarm.told()).containsEntry(AlertCondition.PROGRESS, 2L);
    }

    @Test
    void aFaultOfTheProgramIsTold() {
        given.because("it is a fault of the program", null);
        ends(ExitCode.BUG);
        assertThat(told).containsExactly("needs you: ended: it is a fault of the program.");
    }

    @Test
    void aBackfillThatFailsIsToldByEachProcess() {
        given.notices(new Status.Notice("backfill-failed", "a backfill failed", "flameup-sync backfill list"));
        lasts(100);
        alarm = AlertPolicy.of(alarm.told());
        lasts(100);
        assertThat(told).hasSize(2);
        given.notices();
        lasts(600);
        assertThat(told).hasSize(2);
    }
}
