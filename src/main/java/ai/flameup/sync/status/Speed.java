package ai.flameup.sync.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The speed of one number over the last minute. Not thread-safe. */
final class Speed {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private record Seen(Instant at, long done) {}

    private final Deque<Seen> seen = new ArrayDeque<>();

    /** Records how much is done. If that is less than before, it is measured from here. To be called every few seconds. */
    void record(Instant at, long done) {
        if (!seen.isEmpty() && done < seen.getLast().done) {
            seen.clear();
        }
        seen.add(new Seen(at, done));
        seen.removeIf(old -> old.at.isBefore(at.minus(MINUTE)));
    }

    /** Returns the number a second; 0 if nothing was done, or if it is not known yet. */
    double perSecond() {
        if (seen.isEmpty()) {
            return 0;
        }
        long millis = Duration.between(seen.getFirst().at, seen.getLast().at).toMillis();
        return millis <= 0 ? 0 : (seen.getLast().done - seen.getFirst().done) * 1e3 / millis;
    }

    /**
     * Returns the seconds that the rest takes at this speed, or at the allowed one if nothing was done; null without both.
     *
     * @param allowedPerSecond null if it is unlimited or unknown
     */
    @Nullable
    Long secondsLeft(long rest, @Nullable Double allowedPerSecond) {
        double measured = perSecond();
        double speed = measured > 0 || allowedPerSecond == null ? measured : allowedPerSecond;
        return speed <= 0 ? null : (Long) Math.round(Math.max(0, rest) / speed);
    }
}
