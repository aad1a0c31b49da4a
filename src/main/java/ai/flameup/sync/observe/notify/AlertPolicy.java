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
 * Decides what a person is told: of each matter when it gets worse and when it is over, and of neither before it has
 * lasted. A pure function of what it knew and of a status. Immutable.
 *
 * @param messages to be told now, in one line each
 */
record AlertPolicy(Map<AlertCondition, AlertState> watches, List<String> messages) {
    /** @param told the levels that were told before, by an earlier process too */
    static AlertPolicy of(Map<AlertCondition, Long> told) {
        Map<AlertCondition, AlertState> watches = new EnumMap<>(AlertCondition.class);
        for (AlertCondition matter : AlertCondition.values()) {
            watches.put(matter, AlertState.told(told.getOrDefault(matter, 0L), null));
        }
        return new AlertPolicy(watches, List.of());
    }

    /** What a person knows once the messages have reached them. Failed backfills are counted anew by each process. */
    Map<AlertCondition, Long> told() {
        Map<AlertCondition, Long> told = new EnumMap<>(AlertCondition.class);
        watches.forEach((matter, watch) -> told.put(matter, watch.told()));
        told.remove(AlertCondition.BACKFILL_FAILED);
        return told;
    }

    AlertPolicy look(Status now) {
        Integer exitCode = now.job().exitCode();
        return exitCode == null ? atWork(now) : ended(now, exitCode);
    }

    private AlertPolicy atWork(Status now) {
        Map<AlertCondition, AlertState> next = new EnumMap<>(watches);
        next.replaceAll((matter, watch) -> {
            Long level = matter.level(now);
            return level == null ? watch : watch.look(level, matter.cause(now), matter.hold(now), now.at());
        });
        return next(next, now);
    }

    /**
     * Nothing is waited for: what is bad is told. What is over is told by a run that was to catch up and did; one that was
     * stopped has mended nothing.
     */
    private AlertPolicy ended(Status last, int exitCode) {
        boolean mended = !last.job().mode().equals("run")
                && Success.of(last.job().mode(), last.state(), last.job().exitCode());
        Map<AlertCondition, AlertState> next = new EnumMap<>(watches);
        next.replaceAll((matter, watch) -> {
            Long level = matter == AlertCondition.PROGRESS ? progress(exitCode) : matter.level(last);
            String cause = matter.cause(last);
            if (level == null || (!watch.isNews(level, cause) && (level > 0 || !mended))) {
                return watch;
            }
            return AlertState.told(level, cause);
        });
        return next(next, last);
    }

    private static @Nullable Long progress(int exitCode) {
        if (exitCode == ExitCode.DONE.code() || exitCode == ExitCode.ATTENTION.code()) {
            return 0L;
        }
        return exitCode == ExitCode.TRY_LATER.code() ? null : AlertCondition.ENDED;
    }

    private AlertPolicy next(Map<AlertCondition, AlertState> next, Status status) {
        List<String> messages = new ArrayList<>();
        watches.forEach((matter, before) -> {
            AlertState after = next.getOrDefault(matter, before);
            long told = after.told();
            String message = null;
            if (before.isNews(told, after.cause())) {
                message = matter.trouble(status);
            } else if (told < before.told()) {
                message = matter.recovery(status);
            }
            if (message != null) {
                messages.add("flameup-sync %s → %s: %s"
                        .formatted(status.route().source(), status.route().destination(), message));
            }
        });
        return new AlertPolicy(next, List.copyOf(messages));
    }
}
