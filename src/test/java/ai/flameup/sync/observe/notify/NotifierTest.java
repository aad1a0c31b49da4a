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

/** When which notification is sent. The status gives the time. */
class NotifierTest {
    private static final String ROUTE =
            "flameup-sync db-prod/app.public.users → workspace acme at https://api.flameup.ai: ";

    private final Given given = new Given();
    private final List<String> sent = new ArrayList<>();
    private AlertPolicy policy = AlertPolicy.of(Map.of());
    private long now;

    /** Keeps the status for so long, and evaluates it every second. */
    private void lasts(int seconds) {
        for (long end = now + seconds; now < end; now++) {
            hear(policy.next(given.at(Given.START.plusSeconds(now)).status()));
        }
    }

    private void ends(ExitCode code) {
        hear(policy.next(given.at(Given.START.plusSeconds(now)).ended(code).status()));
    }

    private void hear(AlertPolicy next) {
        policy = next;
        next.messages().forEach(message -> {
            assertThat(message).startsWith(ROUTE);
            sent.add(message.substring(ROUTE.length()));
        });
    }

    @Test
    void healthyJob_isNotReported() {
        given.state(State.STARTING, false);
        lasts(60);
        for (State state : List.of(State.LOADING, State.IN_STEP, State.BEHIND, State.THROTTLED)) {
            given.state(state, true);
            lasts(3600);
        }
        ends(ExitCode.DONE);
        assertThat(sent).isEmpty();
    }

    @Test
    void halt_isReportedOnceWithRemedy_andItsEndOnce() {
        given.state(State.HALTED, false).because("Flameup refuses the token", "flameup-sync doctor");
        lasts(3600);
        assertThat(sent)
                .containsExactly("action needed: halted: Flameup refuses the token. Remedy: flameup-sync doctor");
        given.state(State.IN_STEP, true);
        lasts(3600);
        assertThat(sent).hasSize(2).last().isEqualTo("recovered: in step.");
    }

    /** After a restart, the former cause is not known. The launcher's path is part of the command. */
    @Test
    void gap_isReportedAfterAnotherHalt_andARestart() {
        given.state(State.HALTED, false).because("Flameup refuses the token", null);
        lasts(60);
        policy = AlertPolicy.of(policy.reported());
        given.because(
                "a gap is possible",
                "To send every row again, run `/opt/a/bin/flameup-sync resync --config /etc/flameup-sync.yaml`.");
        lasts(60);
        assertThat(sent).hasSize(2).last().asString().contains("a gap is possible");
    }

    @Test
    void haltForAnotherCause_isReported_beforeFirstIsOver() {
        given.state(State.HALTED, false).because("Flameup refuses the token (401); replace it", "flameup-sync doctor");
        lasts(60);
        given.state(State.IN_STEP, true);
        lasts(60);
        given.state(State.HALTED, false).because("Flameup refuses too many persons; see why", null);
        lasts(60);
        assertThat(sent).hasSize(2).last().asString().contains("too many persons");

        // and not again, whatever numbers it comes with
        given.state(State.HALTED, false).because("Flameup refuses too many persons; see why 7", null);
        lasts(3600);
        assertThat(sent).hasSize(2);
    }

    @Test
    void flappingHalt_isReportedOnce() {
        for (int i = 0; i < 50; i++) {
            given.state(State.HALTED, false);
            lasts(60);
            given.state(State.STARTING, false);
            lasts(2);
            given.state(State.IN_STEP, true);
            lasts(30);
        }
        assertThat(sent).hasSize(1);
    }

    @Test
    void shortConditions_areNotReported() {
        for (int i = 0; i < 50; i++) {
            given.state(State.BEHIND, false);
            lasts(50);
            given.state(State.OUTAGE, false);
            lasts(200);
            given.state(State.IN_STEP, true);
            lasts(1);
        }
        assertThat(sent).isEmpty();
    }

    @Test
    void outage_isReportedAfterFiveMinutes() {
        given.state(State.OUTAGE, false).because("Flameup: HTTP 503", null);
        lasts(300);
        assertThat(sent).isEmpty();
        lasts(1);
        assertThat(sent).containsExactly("outage: Flameup: HTTP 503. The job resumes by itself.");
    }

    @Test
    void haltAfterOutage_isReportedAsWorse() {
        given.state(State.OUTAGE, false);
        lasts(600);
        given.state(State.HALTED, false);
        lasts(600);
        given.state(State.OUTAGE, false);
        lasts(600);
        assertThat(sent).hasSize(2);
    }

    @Test
    void notReady_isReportedAfterOneMinute() {
        given.state(State.BEHIND, false).because("nothing was delivered for 60 s", null);
        lasts(60);
        assertThat(sent).isEmpty();
        lasts(1);
        assertThat(sent).containsExactly("action needed: not ready: nothing was delivered for 60 s.");
    }

    @Test
    void retainedWal_isReportedAtHalfAndAtFullLimit() {
        given.retained(Given.LIMIT / 2 + 1)
                .notices(new Status.Notice("retained-wal", "the server keeps 5 GB", "flameup-sync doctor"));
        lasts(600);
        assertThat(sent).containsExactly("action needed: the server keeps 5 GB. Remedy: flameup-sync doctor");
        given.retained(Given.LIMIT + 1).state(State.BEHIND, false);
        lasts(600);
        given.retained(Given.LIMIT - 1).state(State.BEHIND, true);
        lasts(600);
        given.retained(null);
        lasts(600);
        assertThat(sent).as("below the full limit, and unknown: nothing new").hasSize(2);
        given.retained(1L);
        lasts(600);
        assertThat(sent)
                .hasSize(3)
                .last()
                .isEqualTo("the retained WAL is below half of postgres.max-retained-wal again.");
    }

    @Test
    void deadLetters_areReportedAtEachDoubling() {
        for (long letters = 1; letters <= 1000; letters++) {
            given.deadLetters(Map.of("422", letters));
            lasts(61);
        }
        assertThat(sent).hasSize(10);
        given.deadLetters(Map.of());
        lasts(600);
        assertThat(sent).hasSize(11).last().isEqualTo("there are no dead letters any more.");
    }

    @Test
    void finiteRun_reportsConditionsAtItsEnd() {
        given.mode("until-caught-up")
                .deadLetters(Map.of("422", 1L))
                .notices(new Status.Notice("backfill-failed", "a backfill failed", "flameup-sync backfill list"));
        lasts(3);
        assertThat(sent).isEmpty();
        ends(ExitCode.ATTENTION);
        assertThat(sent)
                .containsExactly(
                        "action needed: there are dead letters. Remedy: flameup-sync status",
                        "action needed: a backfill failed. Remedy: flameup-sync backfill list");
    }

    @Test
    void repeatedFailedRuns_areReportedOnce() {
        given.mode("until-caught-up");
        for (int i = 0; i < 20; i++) {
            policy = AlertPolicy.of(policy.reported());
            given.because("Flameup: no answer", "flameup-sync doctor");
            ends(i % 5 == 4 ? ExitCode.TRY_LATER : ExitCode.FLAMEUP);
        }
        assertThat(sent).containsExactly("action needed: ended: Flameup: no answer. Remedy: flameup-sync doctor");
        ends(ExitCode.DONE);
        assertThat(sent).hasSize(2).last().isEqualTo("recovered: caught up.");
    }

    @Test
    void stoppedProcess_reportsNoRecovery() {
        given.state(State.HALTED, false);
        lasts(20);
        ends(ExitCode.DONE);
        assertThat(sent).hasSize(1);
        assertThat(policy.reported()).containsEntry(AlertCondition.PROGRESS, 2L);
    }

    @Test
    void internalError_isReported() {
        given.because("it is a fault of the program", null);
        ends(ExitCode.BUG);
        assertThat(sent).containsExactly("action needed: ended: it is a fault of the program.");
    }

    @Test
    void failedBackfill_isReportedByEachProcess() {
        given.notices(new Status.Notice("backfill-failed", "a backfill failed", "flameup-sync backfill list"));
        lasts(100);
        policy = AlertPolicy.of(policy.reported());
        lasts(100);
        assertThat(sent).hasSize(2);
        given.notices();
        lasts(600);
        assertThat(sent).hasSize(2);
    }
}
