package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.rows.Snapshot;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Rows that were read, and whose marker has not arrived yet. Not thread-safe; {@link Fence} guards it. */
final class PendingRead {
    /**
     * The rows of a read.
     *
     * @param scan the id of the scan or lookup
     * @param progress the scan's progress once the rows are settled; null for a read without an order
     */
    record Content(long scan, List<KeyedRow> rows, @Nullable RowKey progress) {
        /**
         * Whether the rows are read in place of changes that were not sent. The snapshot may not see such a change yet, although
         * the stream has carried it: then the row must be read again, because its state is nowhere else.
         */
        boolean isInPlaceOfChanges() {
            return scan < KeyLookup.NO_SCAN;
        }
    }

    private final Snapshot snapshot;
    private final Content content;
    private final Map<RowKey, KeyedRow> rows = new LinkedHashMap<>();
    /** Requested keys without a row in the snapshot. */
    private final Set<RowKey> absent;

    private final Set<RowKey> again = new LinkedHashSet<>();
    private int overtaken;
    private final CompletableFuture<List<RowKey>> handedOver = new CompletableFuture<>();

    PendingRead(Snapshot snapshot, Collection<RowKey> requested, Content content) {
        this.snapshot = snapshot;
        this.content = content;
        content.rows.forEach(row -> rows.put(row.key(), row));
        this.absent = new LinkedHashSet<>(requested);
        absent.removeAll(rows.keySet());
    }

    /**
     * Removes the row of a change that the snapshot does not see.
     *
     * @param key null if the change's row is not known
     * @param whole whether the stream carried the whole row; if not, it must be read again
     */
    void strike(@Nullable RowKey key, boolean whole) {
        if (key == null) {
            again.addAll(rows.keySet());
            again.addAll(absent);
            rows.clear();
            absent.clear();
        } else if (absent.remove(key)) {
            // The row may exist by now: the snapshot does not see the insert.
            again.add(key);
        } else if (whole && !content.isInPlaceOfChanges()) {
            boolean known = rows.remove(key) != null || again.remove(key);
            overtaken += known ? 1 : 0;
        } else if (rows.remove(key) != null) {
            again.add(key);
        }
    }

    /**
     * A person may have a row now that the snapshot does not see.
     *
     * @param person null for any person
     * @param persons tells keys of persons from the primary keys of other reads
     */
    void strikeAbsent(@Nullable RowKey person, PersonKeys persons) {
        if (person == null) {
            absent.stream().filter(persons::isPerson).forEach(again::add);
            absent.removeIf(persons::isPerson);
        } else if (absent.remove(person)) {
            again.add(person);
        }
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /** Whether the read sees the changes of a transaction. */
    boolean sees(int transaction) {
        return snapshot.sees(transaction);
    }

    /** Completes with the keys to read again once the listener has taken the rows. */
    CompletableFuture<List<RowKey>> handedOver() {
        return handedOver;
    }

    void complete() {
        handedOver.complete(new ArrayList<>(again));
    }

    StreamEvent.Fenced fenced(Position at) {
        return new StreamEvent.Fenced(
                content.scan,
                at,
                new StreamEvent.FencedRows(new ArrayList<>(rows.values()), new ArrayList<>(absent), overtaken),
                again.isEmpty() ? content.progress : null);
    }
}
