package ai.flameup.sync.status;

import ai.flameup.sync.observe.State;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a job is doing, why, what helps, and whether it makes progress: a pure function of the {@link StatusInputs}. Immutable.
 */
record HealthAssessment(
        State state, @Nullable String reason, @Nullable String remedy, boolean ready) {
    /** A lag up to which a job is in step. */
    static final Duration MOMENT = Duration.ofSeconds(5);
    /** Without a request for so long, a pause is told as one, and not as a budget that is spread. */
    static final Duration PAUSE = Duration.ofSeconds(10);
    /** For so long there may be no progress. */
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final String POSTGRES = "Postgres: ";
    private static final String PAST_LIMIT =
            "the server keeps more WAL for the slot than postgres.max-retained-wal allows";

    static HealthAssessment of(StatusInputs facts) {
        StatusInputs.Trouble end = facts.end();
        if (end != null) {
            return new HealthAssessment(end.isHalt() ? State.HALTED : State.STOPPED, end.reason(), end.remedy(), false);
        }
        StatusInputs.Trouble halt = facts.halt();
        if (halt != null) {
            return new HealthAssessment(State.HALTED, halt.reason(), halt.remedy(), false);
        }
        if (facts.doing() != null && facts.streamTrouble() == null) {
            return new HealthAssessment(State.STARTING, facts.doing(), null, false);
        }
        return working(facts);
    }

    private static HealthAssessment working(StatusInputs facts) {
        String stuck = stuck(facts);
        StatusInputs.Since noStream = facts.streamTrouble();
        if (noStream != null) {
            String away = noStream.what();
            String reason = away.startsWith(POSTGRES) ? away : POSTGRES + away;
            return new HealthAssessment(State.OUTAGE, reason, null, stuck == null && facts.doing() == null);
        }
        if (facts.apiTrouble() != null) {
            return of(State.OUTAGE, "Flameup: " + facts.apiTrouble(), stuck);
        }
        Instant held = facts.held();
        if (held != null && Duration.between(facts.requestedAt(), held).compareTo(PAUSE) >= 0) {
            return of(
                    State.THROTTLED,
                    "the API's budget is spent, or it has asked for a pause: nothing is sent until "
                            + held.truncatedTo(ChronoUnit.SECONDS),
                    stuck);
        }
        if (facts.loading() != null) {
            return of(State.LOADING, facts.loading(), stuck);
        }
        Duration lag = facts.lag();
        if (lag != null && lag.compareTo(MOMENT) <= 0) {
            return of(State.IN_STEP, null, stuck);
        }
        return facts.heldLately()
                ? of(State.THROTTLED, "the API's budget says how fast it goes", stuck)
                : of(
                        State.BEHIND,
                        lag == null ? "catching up with what was committed before the start" : again(facts),
                        stuck);
    }

    /** Null if nothing has waited for long to be read again. */
    private static @Nullable String again(StatusInputs facts) {
        StatusInputs.Again again = facts.again();
        return again == null || again.age().compareTo(MOMENT) <= 0
                ? null
                : "%s to be read again, the oldest for %s s"
                        .formatted(waiting(again), again.age().toSeconds());
    }

    private static String waiting(StatusInputs.Again again) {
        String rows = String.format(Locale.ROOT, "%,d rows", again.rows());
        String letters = String.format(Locale.ROOT, "%,d dead letters", again.letters());
        if (again.letters() == 0) {
            return rows + " wait";
        }
        return (again.rows() == 0 ? letters : rows + " and " + letters) + " wait";
    }

    /** Where there is no progress, that is what has to be told; and whatever is the reason, what harms the server. */
    private static HealthAssessment of(State state, @Nullable String reason, @Nullable String stuck) {
        String told = reason == null ? stuck : PAST_LIMIT.equals(stuck) ? reason + "; " + stuck : reason;
        return new HealthAssessment(state, told, null, stuck == null);
    }

    /** Why it makes no progress; null where it makes some, or has nothing to do. */
    private static @Nullable String stuck(StatusInputs facts) {
        StatusInputs.Since noStream = facts.streamTrouble();
        if (noStream != null && isLong(facts.ago(noStream.at()))) {
            return "Postgres has been away for %s s"
                    .formatted(facts.ago(noStream.at()).toSeconds());
        }
        if (isPastLimit(facts)) {
            return PAST_LIMIT;
        }
        StatusInputs.Again again = facts.again();
        if (again != null && isLong(again.age()) && isLong(facts.ago(again.movedAt()))) {
            return "%s to be read again, and none was delivered for %s s"
                    .formatted(waiting(again), facts.ago(again.movedAt()).toSeconds());
        }
        Instant oldest = facts.oldestWaiting();
        Duration lag = facts.lag();
        boolean waits = (oldest != null && isLong(facts.ago(oldest))) || lag == null || isLong(lag);
        return waits && isLong(facts.ago(facts.settledAt()))
                ? "nothing was delivered for %s s, and something waits"
                        .formatted(facts.ago(facts.settledAt()).toSeconds())
                : null;
    }

    private static boolean isPastLimit(StatusInputs facts) {
        Long retained = facts.retained();
        return retained != null && retained > facts.retainedLimit();
    }

    private static boolean isLong(Duration time) {
        return time.compareTo(PATIENCE) >= 0;
    }
}
