package ai.flameup.sync.source;

import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.StreamEvent.KeyedRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gives rows that were read from the table their place in the stream, so that no older state ever follows a newer one.
 *
 * <p>Rows are read under a snapshot, then a marker is written into the WAL, and when the marker arrives in the stream
 * the rows are the newest states there, because
 *
 * <ul>
 *   <li>whatever the snapshot sees was committed before the marker was written, so the stream brought it before;
 *   <li>whatever the snapshot does not see, and the stream brought before the marker, struck its row from the rows.
 * </ul>
 *
 * INVARIANT: {@link #unseen} names every transaction that the stream brought and that the newest known snapshot does
 * not see. That a transaction can be in the stream and not yet visible is not a matter of our own haste alone: one that
 * waits for a synchronous standby is so for as long as it waits.
 *
 * <p>The idea of reading between watermarks is Netflix's DBLog; the marker after the read, with the snapshot to tell
 * what it missed, takes the place of the low watermark. Thread-safe: the stream's thread and the reader's meet here.
 */
public final class Fence {
    /** How many keys are remembered at most; past it a transaction counts as one that changed every row. */
    private static final int MOST_KEYS = 50_000;

    private static final int MOST_TRANSACTIONS = 100_000;

    private final Map<Integer, Changed> unseen = new LinkedHashMap<>();
    private final Map<String, Pending> pending = new HashMap<>();
    /** Arrived, and on their way to whoever takes them. */
    private final List<Pending> arrived = new ArrayList<>();

    private int keys;

    /** The newest of the transactions that are not remembered one by one; null where all are. */
    private @Nullable Integer overflow;

    /** The stream brought a change. */
    synchronized void saw(RowChange change) {
        // A deleted row needs no second look, whatever the replica identity tells of it.
        boolean whole = change.kind() == RowChange.Kind.DELETE
                || change.kind() == RowChange.Kind.DELETE_BY_NEW_KEY
                || change.row().isWhole();
        remember(change.transaction(), change.key(), whole);
        for (Pending chunk : pending.values()) {
            if (!chunk.snapshot.sees(change.transaction())) {
                chunk.strike(change.key(), whole);
            }
        }
    }

    /** A snapshot was taken: what it sees, every later one sees as well. */
    synchronized void forget(Snapshot snapshot) {
        Iterator<Map.Entry<Integer, Changed>> entries = unseen.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Integer, Changed> entry = entries.next();
            if (snapshot.sees(entry.getKey())) {
                keys -= entry.getValue().whole.size();
                entries.remove();
            }
        }
        if (overflow != null && snapshot.seesAllUpTo(overflow)) {
            overflow = null;
        }
    }

    /**
     * Takes rows that were read under a snapshot, before their marker is written.
     *
     * @return completed when the marker has arrived and the rows were handed over, with the keys to be read again; null
     *     if the rows are of no use, because a transaction that the snapshot does not see may have changed any of them:
     *     read again a little later
     */
    synchronized @Nullable CompletableFuture<List<RowKey>> register(
            String marker, Snapshot snapshot, long scan, List<KeyedRow> rows, @Nullable RowKey progress) {
        forget(snapshot);
        if (overflow != null || unseen.values().stream().anyMatch(changed -> changed.anyRow)) {
            return null;
        }
        Pending chunk = new Pending(snapshot, scan, rows, progress);
        unseen.values().forEach(changed -> changed.whole.forEach(chunk::strike));
        pending.put(marker, chunk);
        return chunk.handedOver;
    }

    /** The marker will not come, because it could not be written. */
    synchronized void withdraw(String marker) {
        pending.remove(marker);
    }

    /** The marker arrived. Null for a marker of nobody's: an earlier process's, or one that was withdrawn. */
    synchronized StreamEvent.@Nullable Fenced arrived(String marker) {
        Pending chunk = pending.remove(marker);
        if (chunk == null) {
            return null;
        }
        arrived.add(chunk);
        return chunk.fenced();
    }

    /** What arrived was taken. Not before: the reader's next word must not overtake its rows. */
    synchronized void handedOver() {
        arrived.forEach(Pending::complete);
        arrived.clear();
    }

    private void remember(int transaction, @Nullable RowKey key, boolean whole) {
        Changed changed = unseen.get(transaction);
        if (changed == null) {
            if (unseen.size() >= MOST_TRANSACTIONS) {
                overflow = overflow == null || transaction - overflow > 0 ? transaction : overflow;
                return;
            }
            changed = new Changed();
            unseen.put(transaction, changed);
        }
        if (changed.anyRow) {
            return;
        }
        if (key == null || keys >= MOST_KEYS) {
            keys -= changed.whole.size();
            changed.whole.clear();
            changed.anyRow = true;
        } else {
            int before = changed.whole.size();
            changed.whole.merge(key, whole, Boolean::logicalOr);
            keys += changed.whole.size() - before;
        }
    }

    /** What one transaction changed. */
    private static final class Changed {
        /** The changed rows, each with whether the stream brought it whole. */
        private final Map<RowKey, Boolean> whole = new HashMap<>();

        private boolean anyRow;
    }

    /** Rows on their way: read, their marker not yet arrived. */
    private static final class Pending {
        private final Snapshot snapshot;
        private final long scan;
        private final @Nullable RowKey progress;
        private final Map<RowKey, KeyedRow> rows = new LinkedHashMap<>();
        private final Set<RowKey> again = new LinkedHashSet<>();
        private int overtaken;
        private final CompletableFuture<List<RowKey>> handedOver = new CompletableFuture<>();

        Pending(Snapshot snapshot, long scan, List<KeyedRow> rows, @Nullable RowKey progress) {
            this.snapshot = snapshot;
            this.scan = scan;
            this.progress = progress;
            rows.forEach(row -> this.rows.put(row.key(), row));
        }

        /**
         * @param key null for a change whose row is not known
         * @param whole whether the stream brought the whole row; if not, the rest of it is still needed
         */
        void strike(@Nullable RowKey key, boolean whole) {
            if (key == null) {
                again.addAll(rows.keySet());
                rows.clear();
            } else if (whole) {
                boolean known = rows.remove(key) != null || again.remove(key);
                overtaken += known ? 1 : 0;
            } else if (rows.remove(key) != null) {
                again.add(key);
            }
        }

        void complete() {
            handedOver.complete(new ArrayList<>(again));
        }

        StreamEvent.Fenced fenced() {
            return new StreamEvent.Fenced(
                    scan, new ArrayList<>(rows.values()), overtaken, again.isEmpty() ? progress : null);
        }
    }
}
