package ai.flameup.sync.status;

import ai.flameup.sync.state.pending.Backfill;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Estimates the remaining time of backfills. Not thread-safe. */
final class BackfillSpeed {
    private final Map<Long, Speed> speeds = new HashMap<>();

    /** Records the progress of the open backfills. To be called every few seconds. */
    void record(List<Backfill> open, Instant at) {
        speeds.keySet().retainAll(open.stream().map(Backfill::id).toList());
        for (Backfill one : open) {
            speeds.computeIfAbsent(one.id(), id -> new Speed())
                    .record(at, one.tally().rows());
        }
    }

    /**
     * Null if the backfill does not run, or makes no progress without a known budget.
     *
     * @param allowedPerSecond persons that the budget allows; null without one
     */
    @Nullable
    Long secondsLeft(Backfill backfill, long total, @Nullable Double allowedPerSecond) {
        Speed speed = speeds.get(backfill.id());
        return speed == null || backfill.state() != Backfill.State.RUNNING
                ? null
                : speed.secondsLeft(total - backfill.tally().rows(), allowedPerSecond);
    }
}
