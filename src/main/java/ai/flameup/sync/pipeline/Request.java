package ai.flameup.sync.pipeline;

import java.util.List;

/**
 * A request in flight.
 *
 * @param number larger than that of every request before
 * @param upserts at least one; no two of them share a person or an address
 * @param batch whether it is the batch call, which may carry a single person
 */
record Request(long number, List<PendingUpsert> upserts, boolean batch) {
    /** Returns the only upsert of a request that is no batch. */
    PendingUpsert single() {
        return upserts.get(0);
    }

    long sentAt() {
        return upserts.get(0).sentAt();
    }

    int half() {
        return (upserts.size() + 1) / 2;
    }

    void withhold() {
        upserts.forEach(PendingUpsert::withhold);
    }

    Action.Send toAction() {
        return new Action.Send(
                number,
                batch,
                upserts.size() == 1
                        ? List.of(toAction(single()))
                        : upserts.stream().map(Request::toAction).toList());
    }

    private static Action.Upsert toAction(PendingUpsert upsert) {
        return new Action.Upsert(upsert.state().upsert(), RequestTrace.of(upsert.state()));
    }
}
