package ai.flameup.sync.status;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.observe.State;
import ai.flameup.sync.pipeline.DeliveryGauges.PauseCause;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthAssessmentTest {
    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
    private static final long LIMIT = 1_000;

    /** A job that works and has nothing to do; tests change what differs. */
    private static final class Job {
        private @Nullable String doing;
        private StatusInputs.@Nullable Trouble halt;
        private StatusInputs.@Nullable Trouble end;
        private @Nullable String apiTrouble;
        private StatusInputs.@Nullable Since streamTrouble;
        private @Nullable String loading;
        private PipelineSnapshot.@Nullable Pause held;
        private @Nullable PauseCause heldLately;
        private @Nullable Duration lag = Duration.ZERO;
        private StatusInputs.@Nullable Rereads again;
        private @Nullable Instant oldestWaiting;
        private Instant requestedAt = NOW.minusSeconds(1);
        private Instant settledAt = NOW.minusSeconds(1);
        private @Nullable Long retained = 10L;

        HealthAssessment health() {
            return HealthAssessment.of(new StatusInputs(
                    new StatusInputs.Job(doing, halt, end),
                    new StatusInputs.Outages(apiTrouble, streamTrouble),
                    new StatusInputs.Backlog(
                            loading, new StatusInputs.Pause(held, heldLately), lag, again, oldestWaiting),
                    new StatusInputs.Activity(NOW, requestedAt, settledAt),
                    new StatusInputs.Wal(retained, LIMIT)));
        }
    }

    private static void assertHealth(Job job, State state, boolean ready) {
        assertThat(job.health())
                .extracting(HealthAssessment::state, HealthAssessment::ready)
                .containsExactly(state, ready);
    }

    @Test
    void nothingToDo_isInStep() {
        assertThat(new Job().health()).isEqualTo(new HealthAssessment(State.IN_STEP, null, null, true));
    }

    @Test
    void lag_ofAMomentIsInStep_longerIsBehind() {
        Job job = new Job();
        job.lag = HealthAssessment.MOMENT;
        assertHealth(job, State.IN_STEP, true);
        job.lag = HealthAssessment.MOMENT.plusMillis(1);
        assertHealth(job, State.BEHIND, true);
    }

    @Test
    void lag_unknown_isBehind() {
        Job job = new Job();
        job.lag = null;
        assertHealth(job, State.BEHIND, true);
        job.settledAt = NOW.minus(HealthAssessment.PATIENCE);
        assertHealth(job, State.BEHIND, false);
    }

    @Test
    void lag_withoutDeliveries_isNotReady() {
        Job job = new Job();
        job.lag = HealthAssessment.PATIENCE;
        job.oldestWaiting = NOW.minus(HealthAssessment.PATIENCE);
        assertHealth(job, State.BEHIND, true);
        job.settledAt = NOW.minus(HealthAssessment.PATIENCE);
        assertHealth(job, State.BEHIND, false);
        assertThat(job.health().reason())
                .isEqualTo("nothing was delivered for 60 s although changes or rows are waiting");
    }

    @Test
    void deferredRows_areBehind_andNotReadyWithoutProgress() {
        Job job = new Job();
        job.again = new StatusInputs.Rereads(25_158, 0, Duration.ofSeconds(240), NOW.minusSeconds(3));
        job.lag = Duration.ofSeconds(240);
        assertHealth(job, State.BEHIND, true);
        assertThat(job.health().reason()).isEqualTo("25,158 rows wait to be read again, the oldest for 240 s");

        job.again = new StatusInputs.Rereads(0, 2, Duration.ofSeconds(240), NOW.minusSeconds(60));
        assertHealth(job, State.BEHIND, false);
        assertThat(job.health().reason()).isEqualTo("2 dead letters wait to be read again, the oldest for 240 s");
    }

    @Test
    void idle_withNothingWaiting_isReady() {
        Job job = new Job();
        job.settledAt = NOW.minusSeconds(3_600);
        assertHealth(job, State.IN_STEP, true);
    }

    @Test
    void backfillRows_withoutProgress_areNotReady() {
        Job job = new Job();
        job.apiTrouble = "status 503";
        job.oldestWaiting = NOW.minusSeconds(61);
        job.settledAt = NOW.minusSeconds(61);
        assertHealth(job, State.OUTAGE, false);
    }

    @Test
    void outage_isReadyForAMinute() {
        Job job = new Job();
        job.streamTrouble = new StatusInputs.Since("connection refused", NOW.minusSeconds(59));
        assertHealth(job, State.OUTAGE, true);
        job.streamTrouble = new StatusInputs.Since("connection refused", NOW.minusSeconds(60));
        assertHealth(job, State.OUTAGE, false);
        assertThat(job.health().reason()).isEqualTo("Postgres: connection refused");
    }

    @Test
    void retainedWal_pastTheLimit_isNotReady() {
        Job job = new Job();
        job.retained = LIMIT;
        assertHealth(job, State.IN_STEP, true);
        job.retained = LIMIT + 1;
        assertHealth(job, State.IN_STEP, false);
        assertThat(job.health().reason()).contains("max-retained-wal");
    }

    @Test
    void pause_duringALoad_isThrottled() {
        Job job = new Job();
        job.loading = "first load: 3 rows are settled";
        job.held = new PipelineSnapshot.Pause(NOW.plusSeconds(8), PauseCause.REQUESTED);
        assertHealth(job, State.LOADING, true);
        job.requestedAt = NOW.minusSeconds(2);
        assertHealth(job, State.THROTTLED, true);
        assertThat(job.health().reason())
                .isEqualTo("the API asked for a pause: nothing is sent until 2026-11-26T12:00:08Z");
        job.held = new PipelineSnapshot.Pause(NOW.plusSeconds(8), PauseCause.BUDGET);
        assertThat(job.health().reason())
                .isEqualTo("the API's budget is used up: nothing is sent until 2026-11-26T12:00:08Z");
    }

    @Test
    void spreadBudget_withALag_isThrottled() {
        Job job = new Job();
        job.held = new PipelineSnapshot.Pause(NOW.plusMillis(500), PauseCause.OWN_LIMIT);
        job.heldLately = PauseCause.OWN_LIMIT;
        assertHealth(job, State.IN_STEP, true);
        job.lag = Duration.ofSeconds(20);
        assertHealth(job, State.THROTTLED, true);
        assertThat(job.health().reason()).isEqualTo("flameup.max-requests-per-minute limits the rate");
    }

    @Test
    void haltAndEnd_precedeEverythingElse() {
        Job job = new Job();
        job.doing = "looking";
        assertHealth(job, State.STARTING, false);
        job.halt = new StatusInputs.Trouble("status 401", "a token", true);
        assertThat(job.health()).isEqualTo(new HealthAssessment(State.HALTED, "status 401", "a token", false));
        job.end = new StatusInputs.Trouble("as asked", null, false);
        assertHealth(job, State.STOPPED, false);
    }
}
