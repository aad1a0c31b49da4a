package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status;
import java.util.ArrayDeque;
import java.util.Deque;

/** Computes rates over the last minute. Thread-safe. */
final class Rates {
    private static final long MINUTE_NANOS = 60_000_000_000L;
    private static final double NANOS = 1e9;

    private record Count(long nanos, long delivered, long requests) {}

    private final Deque<Count> counts = new ArrayDeque<>();

    /** Records the counters. To be called every second. */
    synchronized void count(long nanos, Counters counters) {
        counts.add(new Count(nanos, counters.delivered(), counters.requests()));
        // The oldest count must be at least a minute old.
        while (counts.size() > 2 && nanos - secondOldest().nanos >= MINUTE_NANOS) {
            counts.remove();
        }
    }

    private Count secondOldest() {
        return counts.stream().skip(1).findFirst().orElseThrow();
    }

    synchronized Status.Rates perTime() {
        if (counts.size() < 2) {
            return new Status.Rates(0, 0);
        }
        double seconds = (counts.getLast().nanos - counts.getFirst().nanos) / NANOS;
        return new Status.Rates(
                rounded(delivered() / seconds),
                rounded((counts.getLast().requests - counts.getFirst().requests) * 60 / seconds));
    }

    static double rounded(double rate) {
        return Math.round(rate * 100) / 100.0;
    }

    /** The number of persons delivered within the last minute. */
    synchronized long delivered() {
        return counts.isEmpty() ? 0 : counts.getLast().delivered - counts.getFirst().delivered;
    }
}
