package ai.flameup.sync.status;

import ai.flameup.sync.state.pending.Backfill;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Estimates the remaining time of backfills from their speed over the last minute. Thread-safe. */
final class BackfillSpeed {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private record Seen(Instant at, long rows) {}

    private final Map<Long, Deque<Seen>> seen = new HashMap<>();

    /** Records the progress of the open backfills. To be called every few seconds. */
    synchronized void record(List<Backfill> open, Instant at) {
        seen.keySet().retainAll(open.stream().map(Backfill::id).toList());
        for (Backfill one : open) {
            Deque<Seen> before = seen.computeIfAbsent(one.id(), id -> new ArrayDeque<>());
            before.add(new Seen(at, one.tally().rows()));
            before.removeIf(old -> old.at.isBefore(at.minus(MINUTE)));
        }
    }

    /** Null if the backfill makes no progress. */
    synchronized @Nullable Long secondsLeft(Backfill backfill, long total) {
        Deque<Seen> times = seen.get(backfill.id());
        if (times == null || times.isEmpty()) {
            return null;
        }
        long rows = times.getLast().rows - times.getFirst().rows;
        double seconds =
                Duration.between(times.getFirst().at, times.getLast().at).toMillis() / 1e3;
        return rows <= 0
                ? null
                : Math.round(Math.max(0, total - backfill.tally().rows()) * seconds / rows);
    }
}
