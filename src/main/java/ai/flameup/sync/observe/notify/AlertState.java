package ai.flameup.sync.observe.notify;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The level of one condition that was reported last. A higher level, another cause of the same level, or a return to 0 is
 * reported once it has lasted without a break. So conditions that come and go are not reported. Immutable.
 *
 * @param reported 0 for normal
 * @param cause the reported cause; null if there is none, or if an earlier process reported it
 * @param worseSince null unless the condition is worse than reported
 * @param goneSince null unless the condition is gone
 */
record AlertState(
        long reported,
        @Nullable String cause,
        @Nullable Instant worseSince,
        @Nullable Instant goneSince) {
    private static final Duration GONE = Duration.ofMinutes(2);

    static AlertState reportedAs(long level, @Nullable String cause) {
        return new AlertState(level, cause, null, null);
    }

    /**
     * @param newCause null if there is nothing to distinguish
     * @param hold how long a worse level must last
     */
    AlertState next(long level, @Nullable String newCause, Duration hold, Instant at) {
        if (isNews(level, newCause)) {
            Instant since = worseSince == null ? at : worseSince;
            return at.isBefore(since.plus(hold))
                    ? new AlertState(reported, cause, since, null)
                    : reportedAs(level, newCause);
        }
        if (level == 0 && reported > 0) {
            Instant since = goneSince == null ? at : goneSince;
            return at.isBefore(since.plus(GONE)) ? new AlertState(reported, cause, null, since) : reportedAs(0, null);
        }
        return reportedAs(reported, cause);
    }

    boolean isNews(long level, @Nullable String newCause) {
        return level > reported
                || (level > 0 && level == reported && newCause != null && cause != null && !newCause.equals(cause));
    }
}
