package ai.flameup.sync.observe.notify;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.Success;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to notify: when a condition gets worse and when it is over, each once it has lasted. A pure function of its state
 * and a status. Immutable.
 *
 * @param messages to send now, one line each
 */
record AlertPolicy(Map<AlertCondition, AlertState> states, List<String> messages) {
    /** @param reported the levels that were reported before, by earlier processes too */
    static AlertPolicy of(Map<AlertCondition, Long> reported) {
        Map<AlertCondition, AlertState> states = new EnumMap<>(AlertCondition.class);
        for (AlertCondition condition : AlertCondition.values()) {
            states.put(condition, AlertState.reportedAs(reported.getOrDefault(condition, 0L), null));
        }
        return new AlertPolicy(states, List.of());
    }

    /** The reported levels, once the messages are delivered. Each process reports failed backfills again. */
    Map<AlertCondition, Long> reported() {
        Map<AlertCondition, Long> reported = new EnumMap<>(AlertCondition.class);
        states.forEach((condition, state) -> reported.put(condition, state.reported()));
        reported.remove(AlertCondition.BACKFILL_FAILED);
        return reported;
    }

    AlertPolicy next(Status now) {
        Integer exitCode = now.job().exitCode();
        return exitCode == null ? running(now) : ended(now, exitCode);
    }

    private AlertPolicy running(Status now) {
        Map<AlertCondition, AlertState> next = new EnumMap<>(states);
        next.replaceAll((condition, state) -> {
            Long level = condition.level(now);
            return level == null ? state : state.next(level, condition.cause(now), condition.hold(now), now.at());
        });
        return withMessages(next, now);
    }

    /**
     * Reports problems at once. Only a finite run that was completed reports that a condition is over: a run that was stopped
     * fixed nothing.
     */
    private AlertPolicy ended(Status last, int exitCode) {
        boolean completed = !last.job().process().mode().equals("run")
                && Success.of(
                        last.job().process().mode(), last.state(), last.job().exitCode());
        Map<AlertCondition, AlertState> next = new EnumMap<>(states);
        next.replaceAll((condition, state) -> {
            Long level = condition == AlertCondition.PROGRESS ? progress(exitCode) : condition.level(last);
            String cause = condition.cause(last);
            if (level == null || (!state.isNews(level, cause) && (level > 0 || !completed))) {
                return state;
            }
            return AlertState.reportedAs(level, cause);
        });
        return withMessages(next, last);
    }

    private static @Nullable Long progress(int exitCode) {
        if (exitCode == ExitCode.DONE.code() || exitCode == ExitCode.ATTENTION.code()) {
            return 0L;
        }
        return exitCode == ExitCode.TRY_LATER.code() ? null : AlertCondition.ENDED;
    }

    private AlertPolicy withMessages(Map<AlertCondition, AlertState> next, Status status) {
        List<String> messages = new ArrayList<>();
        states.forEach((condition, before) -> {
            AlertState after = next.getOrDefault(condition, before);
            long reported = after.reported();
            String message = null;
            if (before.isNews(reported, after.cause())) {
                message = condition.problem(status);
            } else if (reported < before.reported()) {
                message = condition.recovery(status);
            }
            if (message != null) {
                messages.add("flameup-sync %s → %s: %s"
                        .formatted(
                                status.job().route().source(),
                                status.job().route().destination(),
                                message));
            }
        });
        return new AlertPolicy(next, List.copyOf(messages));
    }
}
