package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.RowKey;
import org.jspecify.annotations.Nullable;

/** The changes in place of which their rows are read, because they do not say what the person is now. For one thread. */
final class ReadsInstead {
    private final Backlog backlog;
    private final AckTracker acks;

    ReadsInstead(Backlog backlog, AckTracker acks) {
        this.backlog = backlog;
        this.acks = acks;
    }

    /**
     * Stores the key of the change's row, before the position can advance past the change.
     *
     * @param userId null if it is not known
     */
    void readInstead(RowKey key, @Nullable String userId, Arrival change, long now) {
        Deferring deferring = backlog.holders().deferring();
        deferring.readInstead(key, userId);
        deferring.readsFor(change.position());
        // Behind the key, because it settles the delete.
        if (userId != null) {
            cancelDelete(userId, now);
        }
    }

    /** The row exists again: a delete of it in the same transaction need not be sent. */
    private void cancelDelete(String userId, long now) {
        Person person = backlog.graph().person(userId);
        PendingUpsert last = backlog.graph().last(person);
        if (last != null && last.isOpenDelete() && !last.isSuperseded()) {
            acks.settleAll(backlog.abandon(last));
            backlog.release(last, now);
        }
        backlog.graph().forgetIfUnused(person);
    }
}
