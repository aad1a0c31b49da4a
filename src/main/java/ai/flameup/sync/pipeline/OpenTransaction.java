package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.RowKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deletes of the transaction that is arriving. They wait for its end, because an insert of the same person cancels its
 * delete: a row that moves to another partition is a delete and an insert. The stream reports the end only with the next
 * event, so the wait is bounded. For one thread.
 */
final class OpenTransaction {
    /** After the last change of the transaction, in milliseconds. */
    static final long MAX_WAIT = 200;

    private final List<PendingUpsert> deletes = new ArrayList<>();
    /** Deletes that cannot be sent, by the keys of their rows. */
    private final Map<RowKey, Refusal> refusals = new LinkedHashMap<>();

    private @Nullable AckUnit transaction;
    private long closesAt = Long.MAX_VALUE;

    boolean isEmpty() {
        return deletes.isEmpty() && refusals.isEmpty();
    }

    /** Returns when it is to be closed; {@link Long#MAX_VALUE} if nothing waits. */
    long closesAt() {
        return isEmpty() ? Long.MAX_VALUE : closesAt;
    }

    /** Whether it has ended, because another transaction has begun. */
    boolean isBefore(AckUnit begun) {
        return !isEmpty() && transaction != begun;
    }

    /** A change of the transaction arrived. */
    void changed(AckUnit of, long now) {
        transaction = of;
        closesAt = now + MAX_WAIT;
    }

    /** Every change of it has arrived. */
    void ended() {
        closesAt = Long.MIN_VALUE;
    }

    void add(PendingUpsert delete) {
        delete.openDelete();
        deletes.add(delete);
    }

    void add(RowKey key, Refusal delete) {
        refusals.put(key, delete);
    }

    /** The row exists again. Returns the refusal of its delete; null if there is none. */
    @Nullable
    Refusal cancel(RowKey key) {
        return refusals.remove(key);
    }

    List<PendingUpsert> removeDeletes() {
        List<PendingUpsert> removed = List.copyOf(deletes);
        deletes.clear();
        return removed;
    }

    List<Refusal> removeRefusals() {
        List<Refusal> removed = List.copyOf(refusals.values());
        refusals.clear();
        return removed;
    }
}
