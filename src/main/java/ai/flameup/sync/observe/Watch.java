package ai.flameup.sync.observe;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One matter, and which level of it a person was told last. It is told anew when it has been worse, or wholly gone, for
 * long enough without a break; so what comes and goes is not told at all. Immutable.
 *
 * @param told 0 for all is well
 * @param worseSince null where it is not worse than told
 * @param goneSince null where it is not gone
 */
record Watch(
        long told, @Nullable Instant worseSince, @Nullable Instant goneSince) {
    private static final Duration GONE = Duration.ofMinutes(2);

    static Watch told(long level) {
        return new Watch(level, null, null);
    }

    /** @param hold how long a worse level has to last */
    Watch look(long level, Duration hold, Instant at) {
        if (level > told) {
            Instant since = worseSince == null ? at : worseSince;
            return at.isBefore(since.plus(hold)) ? new Watch(told, since, null) : told(level);
        }
        if (level == 0 && told > 0) {
            Instant since = goneSince == null ? at : goneSince;
            return at.isBefore(since.plus(GONE)) ? new Watch(told, null, since) : told(0);
        }
        return told(told);
    }
}
