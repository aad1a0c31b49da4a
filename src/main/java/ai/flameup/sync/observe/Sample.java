package ai.flameup.sync.observe;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The values of the page's charts at one moment. Immutable; unknown values are null. */
public record Sample(
        Instant at, @Nullable Double lagSeconds, @Nullable Long retainedWalBytes, Status.Rates rates, long waiting) {
    public static Sample of(Status status) {
        return new Sample(
                status.at(),
                status.source().lag().seconds(),
                status.source().wal().retainedBytes(),
                status.delivery().rates(),
                status.delivery().work().waiting());
    }
}
