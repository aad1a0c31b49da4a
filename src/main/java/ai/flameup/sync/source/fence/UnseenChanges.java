package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.rows.Snapshot;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers changes that the stream carried and that a reader's snapshot may not see. Memory is limited: beyond its limits it
 * is less precise, but stays on the safe side. Not thread-safe; {@link Fence} guards it.
 */
final class UnseenChanges {
    private static final int MAX_KEYS = 50_000;
    private static final int MAX_TRANSACTIONS = 100_000;

    interface Visitor {
        /**
         * Takes a change.
         *
         * @param key null if the changed row is not known; it may be any row
         * @param whole whether the stream carried the whole row
         */
        void changed(@Nullable RowKey key, boolean whole);
    }

    private final Map<Integer, ChangedRows> transactions = new LinkedHashMap<>();
    private int keys;

    /** Lowest and highest id of the transactions that are not remembered one by one; both null for none. */
    private @Nullable Integer overflowFrom;

    private @Nullable Integer overflowTo;

    void add(int transaction, @Nullable RowKey key, boolean whole) {
        ChangedRows changed = transactions.get(transaction);
        if (changed == null) {
            if (transactions.size() >= MAX_TRANSACTIONS) {
                overflow(transaction);
                return;
            }
            changed = new ChangedRows();
            transactions.put(transaction, changed);
        }
        if (changed.anyRow) {
            return;
        }
        if (key == null || keys >= MAX_KEYS) {
            keys -= changed.whole.size();
            changed.whole.clear();
            changed.anyRow = true;
        } else {
            int before = changed.whole.size();
            changed.whole.merge(key, whole, Boolean::logicalOr);
            keys += changed.whole.size() - before;
        }
    }

    private void overflow(int transaction) {
        // Ids wrap around, so only their difference shows which one is lower.
        overflowFrom = overflowFrom == null || transaction - overflowFrom < 0 ? transaction : overflowFrom;
        overflowTo = overflowTo == null || transaction - overflowTo > 0 ? transaction : overflowTo;
    }

    /** Forgets the transactions that the snapshot sees. */
    void removeSeenBy(Snapshot snapshot) {
        transactions.entrySet().removeIf(entry -> {
            boolean seen = snapshot.sees(entry.getKey());
            keys -= seen ? entry.getValue().whole.size() : 0;
            return seen;
        });
        if (overflowFrom != null && overflowTo != null && snapshot.seesAll(overflowFrom, overflowTo)) {
            overflowFrom = null;
            overflowTo = null;
        }
    }

    /** Visits each change that the snapshot does not see. */
    void forEachUnseenBy(Snapshot snapshot, Visitor visitor) {
        transactions.forEach((transaction, changed) -> {
            if (!snapshot.sees(transaction)) {
                changed.whole.forEach(visitor::changed);
                if (changed.anyRow) {
                    visitor.changed(null, false);
                }
            }
        });
        if (overflowFrom != null && overflowTo != null && !snapshot.seesAll(overflowFrom, overflowTo)) {
            visitor.changed(null, false);
        }
    }

    /** What one transaction changed. */
    private static final class ChangedRows {
        /** The changed rows, and whether the stream carried them whole. */
        private final Map<RowKey, Boolean> whole = new HashMap<>();

        private boolean anyRow;
    }
}
