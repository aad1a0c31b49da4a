package ai.flameup.sync.observe;

import ai.flameup.sync.fault.ExitCode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds a status of a healthy job with the given deviations. For one thread. */
public final class Given {
    public static final Instant START = Instant.parse("2026-11-23T03:00:00Z");
    public static final long LIMIT = 10L << 30;

    private Instant at = START;
    private State state = State.IN_STEP;
    private @Nullable String reason;
    private @Nullable String remedy;
    private boolean ready = true;
    private List<Status.Notice> notices = List.of();
    private String mode = "run";
    private @Nullable Integer exitCode;
    private @Nullable Instant lastSuccessAt;
    private @Nullable Long retained = 1L << 20;
    private Map<String, Long> deadLetters = Map.of();
    private Status.@Nullable Budget budget = new Status.Budget(120, 42, START.plusSeconds(30));
    private @Nullable Long people = 48_213L;

    public Given at(Instant moment) {
        at = moment;
        return this;
    }

    public Given state(State now, boolean isReady) {
        state = now;
        ready = isReady;
        reason = null;
        remedy = null;
        return this;
    }

    public Given because(String why, @Nullable String help) {
        reason = why;
        remedy = help;
        return this;
    }

    public Given notices(Status.Notice... all) {
        notices = List.of(all);
        return this;
    }

    public Given mode(String of) {
        mode = of;
        return this;
    }

    public Given ended(ExitCode code) {
        state = State.STOPPED;
        ready = false;
        exitCode = code.code();
        return this;
    }

    public Given running() {
        exitCode = null;
        return this;
    }

    public Given retained(@Nullable Long bytes) {
        retained = bytes;
        return this;
    }

    public Given deadLetters(Map<String, Long> byStatus) {
        deadLetters = byStatus;
        return this;
    }

    public Given nothingKnown() {
        budget = null;
        people = null;
        retained = null;
        return this;
    }

    /** Remembers the last success, as a job does. */
    public Status status() {
        if (Success.of(mode, state, exitCode)) {
            lastSuccessAt = at;
        }
        return new Status(
                at,
                new Status.Health(state, START, ready, new Status.Advice(reason, remedy), notices),
                new Status.Job(
                        new Status.Instance("sync-1", "1.2.3", 7, mode, START),
                        new Status.Route("db-prod/app.public.users", "workspace acme at https://api.flameup.ai"),
                        exitCode,
                        lastSuccessAt),
                new Status.Source(
                        people,
                        new Status.Lag(budget == null ? null : 0.25, budget == null ? null : 4096L),
                        new Status.Wal("flameup_sync", "reserved", retained, LIMIT, null),
                        new Status.Deferred(0, null, 0, null),
                        List.of(new Status.Backfill(9, "all", "running", new Status.Progress(null, 10, 10, 0, null)))),
                new Status.Delivery(
                        new Status.Work(3, null, 2, null, null),
                        new Status.Totals(1000, 1, new Status.Requests(900, 5), new Status.Saved(50, 60), 0),
                        new Status.Rates(1, 60),
                        budget,
                        new Status.Unresolved(new TreeMap<>(deadLetters), 4)));
    }
}
