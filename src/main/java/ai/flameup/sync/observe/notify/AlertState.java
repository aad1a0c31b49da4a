package ai.flameup.sync.observe.notify;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One matter, and which level of it a person was told last. It is told anew when it has been worse, as bad for another
 * cause, or wholly gone, for long enough without a break; so what comes and goes is not told at all. Immutable.
 *
 * @param told 0 for all is well
 * @param cause for which it was told; null where there is none, or an earlier process has told it
 * @param worseSince null where it is not worse than told
 * @param goneSince null where it is not gone
 */
record AlertState(
        long told,
        @Nullable String cause,
        @Nullable Instant worseSince,
        @Nullable Instant goneSince) {
    private static final Duration GONE = Duration.ofMinutes(2);

    static AlertState told(long level, @Nullable String cause) {
        return new AlertState(level, cause, null, null);
    }

    /**
     * @param why the cause; null where there is none to be told apart
     * @param hold how long a worse level has to last
     */
    AlertState look(long level, @Nullable String why, Duration hold, Instant at) {
        if (isNews(level, why)) {
            Instant since = worseSince == null ? at : worseSince;
            return at.isBefore(since.plus(hold)) ? new AlertState(told, cause, since, null) : told(level, why);
        }
        if (level == 0 && told > 0) {
            Instant since = goneSince == null ? at : goneSince;
            return at.isBefore(since.plus(GONE)) ? new AlertState(told, cause, null, since) : told(0, null);
        }
        return told(told, cause);
    }

    boolean isNews(long level, @Nullable String why) {
        return level > told || (level > 0 && level == told && why != null && cause != null && !why.equals(cause));
    }
}
