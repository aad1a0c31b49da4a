package ai.flameup.sync.status;

import ai.flameup.sync.observe.State;
import ai.flameup.sync.pipeline.DeliveryGauges.PauseCause;
import ai.flameup.sync.status.StatusInputs.Activity;
import ai.flameup.sync.status.StatusInputs.Backlog;
import ai.flameup.sync.status.StatusInputs.Rereads;
import ai.flameup.sync.status.StatusInputs.Since;
import ai.flameup.sync.status.StatusInputs.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The state of a job with its reason and remedy, and whether it makes progress. A pure function of {@link
 * StatusInputs}. Immutable.
 */
record HealthAssessment(
        State state, @Nullable String reason, @Nullable String remedy, boolean ready) {
    /** Up to this lag a job is in step. */
    static final Duration MOMENT = Duration.ofSeconds(5);
    /** Without a request for this long, sending counts as paused; before, the budget only spreads the requests. */
    static final Duration PAUSE = Duration.ofSeconds(10);
    /** Without progress for this long, a job is not ready. */
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final String POSTGRES = "Postgres: ";
    private static final String PAST_LIMIT =
            "the server retains more WAL for the slot than postgres.max-retained-wal allows";

    static HealthAssessment of(StatusInputs inputs) {
        Trouble end = inputs.job().end();
        if (end != null) {
            return new HealthAssessment(end.isHalt() ? State.HALTED : State.STOPPED, end.reason(), end.remedy(), false);
        }
        Trouble halt = inputs.job().halt();
        if (halt != null) {
            return new HealthAssessment(State.HALTED, halt.reason(), halt.remedy(), false);
        }
        if (inputs.job().starting() != null && inputs.outages().stream() == null) {
            return new HealthAssessment(State.STARTING, inputs.job().starting(), null, false);
        }
        return working(inputs);
    }

    private static HealthAssessment working(StatusInputs inputs) {
        String stuck = stuck(inputs);
        Backlog backlog = inputs.backlog();
        Since noStream = inputs.outages().stream();
        if (noStream != null) {
            String why = noStream.reason();
            String reason = why.startsWith(POSTGRES) ? why : POSTGRES + why;
            return new HealthAssessment(
                    State.OUTAGE, reason, null, stuck == null && inputs.job().starting() == null);
        }
        if (inputs.outages().api() != null) {
            return of(State.OUTAGE, "Flameup: " + inputs.outages().api(), stuck);
        }
        PipelineSnapshot.Pause pause = backlog.pause().now();
        if (pause != null
                && Duration.between(inputs.activity().requestedAt(), pause.until())
                                .compareTo(PAUSE)
                        >= 0) {
            return of(
                    State.THROTTLED,
                    "%s: nothing is sent until %s"
                            .formatted(pause.cause().words(), pause.until().truncatedTo(ChronoUnit.SECONDS)),
                    stuck);
        }
        if (backlog.loading() != null) {
            return of(State.LOADING, backlog.loading(), stuck);
        }
        Duration lag = backlog.lag();
        if (lag != null && lag.compareTo(MOMENT) <= 0) {
            return of(State.IN_STEP, null, stuck);
        }
        PauseCause slowed = backlog.pause().lately();
        return slowed != null
                ? of(State.THROTTLED, slowing(slowed), stuck)
                : of(
                        State.BEHIND,
                        lag == null
                                ? "catching up with changes committed before the start"
                                : waitingAgain(backlog.again()),
                        stuck);
    }

    private static String slowing(PauseCause cause) {
        return switch (cause) {
            case REQUESTED -> "the API asks for pauses";
            case BUDGET -> "the API's budget limits the rate";
            case OWN_LIMIT -> "flameup.max-requests-per-minute limits the rate";
        };
    }

    /** Null if nothing has waited for long to be read again. */
    private static @Nullable String waitingAgain(@Nullable Rereads again) {
        return again == null || again.age().compareTo(MOMENT) <= 0
                ? null
                : "%s to be read again, the oldest for %s s"
                        .formatted(waiting(again), again.age().toSeconds());
    }

    private static String waiting(Rereads again) {
        String rows = String.format(Locale.ROOT, "%,d rows", again.rows());
        String letters = String.format(Locale.ROOT, "%,d dead letters", again.letters());
        if (again.letters() == 0) {
            return rows + " wait";
        }
        return (again.rows() == 0 ? letters : rows + " and " + letters) + " wait";
    }

    /** Reports a lack of progress if there is no other reason, and what harms the server in any case. */
    private static HealthAssessment of(State state, @Nullable String reason, @Nullable String stuck) {
        String reported = reason == null ? stuck : PAST_LIMIT.equals(stuck) ? reason + "; " + stuck : reason;
        return new HealthAssessment(state, reported, null, stuck == null);
    }

    /** Why the job makes no progress; null if it makes progress, or has nothing to do. */
    private static @Nullable String stuck(StatusInputs inputs) {
        Activity activity = inputs.activity();
        Since noStream = inputs.outages().stream();
        if (noStream != null && isLong(activity.since(noStream.at()))) {
            return "Postgres has been unavailable for %s s"
                    .formatted(activity.since(noStream.at()).toSeconds());
        }
        if (inputs.wal().isPastLimit()) {
            return PAST_LIMIT;
        }
        Backlog backlog = inputs.backlog();
        Rereads again = backlog.again();
        if (again != null && isLong(again.age()) && isLong(activity.since(again.movedAt()))) {
            return "%s to be read again, and none was delivered for %s s"
                    .formatted(waiting(again), activity.since(again.movedAt()).toSeconds());
        }
        Instant oldest = backlog.oldest();
        Duration lag = backlog.lag();
        boolean waits = (oldest != null && isLong(activity.since(oldest))) || lag == null || isLong(lag);
        Duration idle = activity.since(activity.settledAt());
        return waits && isLong(idle)
                ? "nothing was delivered for %s s although changes or rows are waiting".formatted(idle.toSeconds())
                : null;
    }

    private static boolean isLong(Duration time) {
        return time.compareTo(PATIENCE) >= 0;
    }
}
