package ai.flameup.sync.observe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the page's charts show of one moment. Immutable; what is not known is null. */
public record Sample(
        Instant at,
        @Nullable Double lagSeconds,
        @Nullable Long retainedWalBytes,
        double deliveredPerSecond,
        double requestsPerMinute,
        long waiting) {
    public static Sample of(Status status) {
        return new Sample(
                status.at(),
                status.lag().seconds(),
                status.wal().retainedBytes(),
                status.rates().deliveredPerSecond(),
                status.rates().requestsPerMinute(),
                status.work().waiting());
    }
}
