package ai.flameup.sync.status;

import ai.flameup.sync.observe.Status;

/** Which remaining times a status may report. Pure functions. */
final class Estimates {
    private Estimates() {}

    /** The status without remaining times if the slot is gone: nothing is caught up until every row is sent again. */
    static Status possible(Status status) {
        Status.Source source = status.source();
        if (!source.wal().isSlotGone()) {
            return status;
        }
        Status.Deferred deferred = source.deferred();
        Status.Delivery delivery = status.delivery();
        Status.Work work = delivery.work();
        return new Status(
                status.at(),
                status.health(),
                status.job(),
                new Status.Source(
                        source.people(),
                        source.lag(),
                        source.wal(),
                        new Status.Deferred(deferred.keys(), deferred.since(), deferred.sentPerSecond(), null),
                        source.backfills().stream().map(Estimates::without).toList()),
                new Status.Delivery(
                        new Status.Work(
                                work.waiting(), null, work.inFlight(), work.lastDeliveredAt(), work.oldestWaitingAt()),
                        delivery.totals(),
                        delivery.rates(),
                        delivery.budget(),
                        delivery.unresolved()));
    }

    private static Status.Backfill without(Status.Backfill one) {
        Status.Progress progress = one.progress();
        return new Status.Backfill(
                one.id(),
                one.kind(),
                one.state(),
                new Status.Progress(
                        progress.rowsTotal(), progress.rowsRead(), progress.sent(), progress.parked(), null));
    }
}
