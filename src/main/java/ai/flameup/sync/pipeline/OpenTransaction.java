package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.RowKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deletes of the transaction that the stream is in the midst of. They wait for its end, because an insert of the same
 * person cancels its delete: a row that moves between partitions is a delete and an insert. The stream tells of the end
 * only with whatever comes next, so the wait is bounded. For one thread.
 */
final class OpenTransaction {
    /** After the last change of the transaction, in milliseconds. */
    static final long PATIENCE = 200;

    private final List<Work> deletes = new ArrayList<>();
    /** Deletes that cannot be sent, by the keys of their rows. */
    private final Map<RowKey, Refusal> refusals = new LinkedHashMap<>();

    private Progress.@Nullable Group group;
    private long closesAt = Long.MAX_VALUE;

    boolean isEmpty() {
        return deletes.isEmpty() && refusals.isEmpty();
    }

    /** When it is to be closed, if nothing else happens; {@link Long#MAX_VALUE} while nothing waits. */
    long closesAt() {
        return isEmpty() ? Long.MAX_VALUE : closesAt;
    }

    /** Whether it has ended because this one has begun. */
    boolean isBefore(Progress.Group begun) {
        return !isEmpty() && group != begun;
    }

    /** A change of the transaction came. */
    void changed(Progress.Group of, long now) {
        group = of;
        closesAt = now + PATIENCE;
    }

    /** Every change of it has come. */
    void ended() {
        closesAt = Long.MIN_VALUE;
    }

    void add(Work delete) {
        deletes.add(delete);
    }

    void add(RowKey key, Refusal delete) {
        refusals.put(key, delete);
    }

    /** The row is there again; the refusal of its delete, or null if there is none. */
    @Nullable
    Refusal cancel(RowKey key) {
        return refusals.remove(key);
    }

    /** Those that wait no longer. */
    List<Work> takeDeletes() {
        List<Work> taken = List.copyOf(deletes);
        deletes.clear();
        return taken;
    }

    /** Those that wait no longer. */
    List<Refusal> takeRefusals() {
        List<Refusal> taken = List.copyOf(refusals.values());
        refusals.clear();
        return taken;
    }
}
