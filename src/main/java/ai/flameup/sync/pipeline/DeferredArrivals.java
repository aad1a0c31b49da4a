package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import java.util.List;

/** The changes of a transaction that is deferred as it arrives, which need no place among those that wait. For one thread. */
final class DeferredArrivals {
    private final ConflictGraph graph;
    private final Deferring deferring;
    private final List<Action> actions;
    private boolean isPastStart;

    DeferredArrivals(Backlog backlog, List<Action> actions) {
        this.graph = backlog.graph();
        this.deferring = backlog.holders().deferring();
        this.actions = actions;
    }

    /** The stream has passed everything that earlier processes have read. */
    void markerReached() {
        isPastStart = true;
    }

    /** Returns whether the change need not be sent, because its row is read later, or its state was accepted before. */
    boolean take(Event.Change change) {
        if (!deferring.includes(change.position())) {
            return false;
        }
        RowKey key = change.key();
        if (change.mapped() instanceof Mapped.Upsert upsert && (upsert.deleted() || key != null)) {
            String userId = upsert.person().userId();
            if (isAcceptedBefore(userId, change.position())) {
                actions.add(Action.COUNT_REPEATED);
            } else if (upsert.deleted()) {
                deferring.deferDelete(userId, change.age());
            } else if (key != null) {
                deferring.defer(key, userId);
            }
            return true;
        }
        if (change.mapped() instanceof Mapped.NeedsRead read && key != null) {
            deferring.defer(key, read.userId());
            return true;
        }
        return false;
    }

    /** Only what earlier processes have read can have been accepted; looking it up takes as long as deferring it. */
    private boolean isAcceptedBefore(String userId, Position position) {
        if (isPastStart) {
            return false;
        }
        Person person = graph.person(userId);
        boolean isAccepted = EarlierRequests.isAccepted(person, position);
        graph.forgetIfUnused(person);
        return isAccepted;
    }
}
