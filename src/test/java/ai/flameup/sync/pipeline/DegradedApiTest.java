package ai.flameup.sync.pipeline;

import static ai.flameup.sync.pipeline.MachineScript.ACCEPTED;
import static ai.flameup.sync.pipeline.MachineScript.key;
import static ai.flameup.sync.pipeline.MachineScript.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.delivery.Answer;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import ai.flameup.sync.pipeline.PipelineSettings.OnEmailHeld;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The API reports no readable budget, or its batch call is unusable. */
class DegradedApiTest {
    private static final Outcome TOO_MANY = new Outcome.Failed(429, "slow down", null, false);

    private static MachineScript script(Batch batch) {
        return new MachineScript(MachineScript.settings(40, batch, OnEmailHeld.SEND));
    }

    private static void changes(MachineScript script, int from, int to) {
        for (int user = from; user < to; user++) {
            script.change(state("u" + user, null, 1), key("" + user));
        }
    }

    private static List<String> told(MachineScript script) {
        return script.events.stream()
                .filter(event -> event.startsWith("no batches") || event.startsWith("not understood"))
                .toList();
    }

    @Test
    void tooManyRequests_withoutAKnownBudget_leadToBatchesAndASmallWindow() {
        MachineScript script = script(Batch.AUTO);
        changes(script, 0, 1);
        script.answer(0, ACCEPTED);
        changes(script, 1, 41);
        assertThat(script.machine.inFlight()).isEqualTo(40);
        changes(script, 41, 400);
        for (int request = 1; request <= 40; request++) {
            script.answer(request, TOO_MANY);
        }
        script.later(60_000);

        assertThat(script.machine.inFlight()).as("after the pause").isEqualTo(1);
        Action.Send probe = script.sent.get(41);
        assertThat(probe.batch()).isTrue();
        assertThat(probe.upserts()).hasSize(100);
        script.answer(41, new Outcome.Accepted(Set.copyOf(MachineScript.users(probe))));
        assertThat(script.machine.inFlight()).as("after an answer").isLessThanOrEqualTo(2);
    }

    @Test
    void batchResponse_withoutPersons_isReportedOnceWithReason() {
        MachineScript script = script(Batch.ALWAYS);
        changes(script, 0, 30);
        script.answer(0, new Outcome.Accepted(Set.of("u0")));
        int batch = script.sent.size() - 1;
        assertThat(script.sent.get(batch).batch()).isTrue();

        script.answer(batch, new Outcome.Accepted(Set.of(), "is empty"));

        assertThat(told(script)).containsExactly("no batches: its answer is empty");
        assertThat(script.sent.subList(batch + 1, script.sent.size())).noneMatch(Action.Send::batch);
    }

    @Test
    void batchAnswer_thatNamesEverybodyWithAnError_keepsTheBatchCall() {
        MachineScript script = script(Batch.ALWAYS);
        changes(script, 0, 30);
        script.answer(0, new Outcome.Accepted(Set.of("u0")));

        script.answer(script.sent.size() - 1, new Outcome.Accepted(Set.of(), null));

        assertThat(told(script)).isEmpty();
    }

    @Test
    void batchCall_thatDoesNotExist_isTold() {
        MachineScript script = script(Batch.ALWAYS);
        changes(script, 0, 30);
        script.answer(0, new Outcome.Accepted(Set.of("u0")));
        script.answer(script.sent.size() - 1, new Outcome.Refused(404, "no such path", null));

        assertThat(told(script)).containsExactly("no batches: it is answered with status 404");
    }

    @Test
    void headersThatAreNotUnderstood_areToldOnce() {
        MachineScript script = script(Batch.NEVER);
        changes(script, 0, 10);
        script.answer(0, new Answer(ACCEPTED, null, "X-RateLimit-Reset: soon"));
        script.answer(1, new Answer(ACCEPTED, null, "X-RateLimit-Reset: soon"));

        assertThat(told(script)).containsExactly("not understood: X-RateLimit-Reset: soon");
    }
}
