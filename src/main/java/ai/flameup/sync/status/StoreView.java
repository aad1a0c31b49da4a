package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status;
import ai.flameup.sync.state.pending.PendingWork;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store as it was last read, and how its backlog has moved. Not thread-safe. */
final class StoreView {
    private final BackfillSpeed speed = new BackfillSpeed();
    private final Speed deferredSpeed = new Speed();
    private StoreSummary summary = StoreSummary.NOTHING;
    private Instant at = Instant.EPOCH;
    /** When a row or dead letter that waits to be read again was last settled, or the first one was added. */
    private Instant movedAt = Instant.EPOCH;

    void record(StoreSummary now, Instant moment) {
        PendingWork before = summary.pending();
        PendingWork pending = now.pending();
        if (before.isNothing()
                || pending.rows().first() != before.rows().first()
                || pending.letters() < before.letters()) {
            movedAt = moment;
        }
        summary = now;
        at = moment;
        speed.record(now.open(), moment);
        deferredSpeed.record(moment, -pending.rows().number());
    }

    StoreSummary summary() {
        return summary;
    }

    /** What waits to be read again; null if nothing does. Its age is that of the last read: it may be settled since. */
    StatusInputs.@Nullable Rereads rereads() {
        PendingWork pending = summary.pending();
        Instant oldest = pending.since();
        return oldest == null
                ? null
                : new StatusInputs.Rereads(
                        pending.rows().number(), pending.letters(), Duration.between(oldest, at), movedAt);
    }

    /** @param allowedPerSecond persons that the budget allows; null without one */
    Status.Deferred deferred(@Nullable Double allowedPerSecond) {
        return summary.deferred(deferredSpeed, allowedPerSecond);
    }

    /** @param allowedPerSecond persons that the budget allows; null without one */
    List<Status.Backfill> backfills(@Nullable Long people, @Nullable Double allowedPerSecond) {
        return summary.backfills(people, speed, allowedPerSecond);
    }
}
