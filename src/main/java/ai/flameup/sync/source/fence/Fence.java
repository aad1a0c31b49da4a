package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.rows.Snapshot;
import ai.flameup.sync.source.rows.StreamEvent;
import ai.flameup.sync.source.rows.StreamEvent.KeyedRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
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
 * <p>A read opens, takes its snapshot and reads its rows, then a marker is written into the WAL. When the marker arrives
 * in the stream, the rows are the newest states there, because
 *
 * <ul>
 *   <li>what the snapshot sees was committed before the marker was written, so the stream brought it before;
 *   <li>what the snapshot does not see, and the stream brought before the marker, struck its row from the rows.
 * </ul>
 *
 * INVARIANT: {@link #unseen} names every transaction that the stream brought and that a reader may not see: one that is
 * open, or one that opens later. Two things make that more than the few transactions on their way: a reader may hold its
 * snapshot for a long time, and a transaction that waits for a synchronous standby is in the stream long before any
 * snapshot sees it.
 *
 * <p>The idea of reading between watermarks is Netflix's DBLog; the marker after the read, with the snapshot to tell
 * what it missed, takes the place of the low watermark. Thread-safe: the stream's thread and the reader's meet here.
 */
public final class Fence {
    private final UnseenChanges unseen = new UnseenChanges();
    private final Set<Read> open = new HashSet<>();
    private final Map<String, Pending> pending = new HashMap<>();
    /** Arrived, but not yet taken by the listener of the stream. */
    private final List<Pending> arrived = new ArrayList<>();

    /** The latest snapshot that came through the stream; null before the first. */
    private @Nullable Snapshot latest;

    /** From the start; null if no read has to wait for what was in progress then. */
    private @Nullable Snapshot start;

    /** A fence whose stream is the first one, or follows one whose commits were all visible. */
    public Fence() {
        this(null);
    }

    /**
     * @param start a snapshot from the start. A former stream may have brought changes of transactions that it does not
     *     see, and which this fence will never hear of: reads wait until all of them are visible
     */
    public Fence(@Nullable Snapshot start) {
        this.start = start;
    }

    /**
     * The fence of a run. Only with synchronous standbys does a commit stay invisible for longer than it takes to start.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if the server cannot be asked
     */
    public static Fence of(Database database) {
        try (Connection connection = database.connection()) {
            String standbys = Queries.text(connection, "SELECT current_setting('synchronous_standby_names')");
            String snapshot = Queries.text(connection, "SELECT pg_current_snapshot()");
            connection.rollback();
            return new Fence(standbys.isBlank() ? null : Snapshot.parse(snapshot));
        } catch (SQLException e) {
            throw database.fault("reading the transactions in progress", e);
        }
    }

    /** Whether reads may open. If not, a later heartbeat lets them. */
    synchronized boolean isReady() {
        if (start != null && latest != null && latest.seesAllInProgressOf(start)) {
            start = null;
        }
        return start == null;
    }

    /** The stream brought a change. */
    public synchronized void saw(RowChange change) {
        // A deleted row needs no second read, however little of it the replica identity carries.
        boolean whole = change.kind() == RowChange.Kind.DELETE
                || change.kind() == RowChange.Kind.DELETE_BY_NEW_KEY
                || change.row().isWhole();
        Snapshot seenByAll = seenByAll();
        if (seenByAll == null || !seenByAll.sees(change.transaction())) {
            unseen.add(change.transaction(), change.key(), whole);
        }
        for (Pending chunk : pending.values()) {
            if (!chunk.snapshot.sees(change.transaction())) {
                chunk.strike(change.key(), whole);
            }
        }
    }

    /**
     * A snapshot came through the stream: every read that opens from now on sees at least as much.
     *
     * <p>Only what came through the stream counts. A snapshot that a reader has just taken may see transactions that are
     * not flushed yet, and whose ids the server gives out again after a crash.
     */
    public synchronized void advance(Snapshot snapshot) {
        if (latest == null || snapshot.isLaterThan(latest)) {
            latest = snapshot;
        }
        forget();
    }

    private void forget() {
        Snapshot seenByAll = seenByAll();
        if (seenByAll != null) {
            unseen.removeSeenBy(seenByAll);
        }
    }

    /** A snapshot whose transactions all readers see, the open ones and those to come; null for none. */
    private @Nullable Snapshot seenByAll() {
        Snapshot least = latest;
        for (Read read : open) {
            if (read.seesAtLeast == null) {
                return null;
            }
            if (least != null && least.isLaterThan(read.seesAtLeast)) {
                least = read.seesAtLeast;
            }
        }
        return least;
    }

    /** Announces a read. Must be called before the read takes its snapshot; close it once its rows are registered or given up. */
    synchronized Read open() {
        Read read = new Read(latest);
        open.add(read);
        return read;
    }

    /** The marker will not come, because it could not be written. */
    synchronized void withdraw(String marker) {
        pending.remove(marker);
    }

    /** The marker arrived. Null for a marker of nobody's: an earlier process's, or one that was withdrawn. */
    public synchronized StreamEvent.@Nullable Fenced arrived(String marker) {
        Pending chunk = pending.remove(marker);
        if (chunk == null) {
            return null;
        }
        advance(chunk.snapshot);
        arrived.add(chunk);
        return chunk.fenced();
    }

    /** The listener took what arrived. Not before: the reader's next step must not overtake its rows. */
    public synchronized void handedOver() {
        arrived.forEach(Pending::complete);
        arrived.clear();
    }

    /** A read from before its snapshot until its rows are registered. */
    final class Read implements AutoCloseable {
        private final @Nullable Snapshot seesAtLeast;

        private Read(@Nullable Snapshot seesAtLeast) {
            this.seesAtLeast = seesAtLeast;
        }

        /**
         * Takes the rows that were read, before their marker is written.
         *
         * @param marker the marker's name
         * @param snapshot the snapshot under which the rows were read
         * @param asked the keys that were asked for one by one; empty for a range
         * @param content the rows and what to hand over with them
         * @return completed when the marker has arrived and the rows were handed over, with the keys to be read again
         */
        CompletableFuture<List<RowKey>> register(
                String marker, Snapshot snapshot, Collection<RowKey> asked, Content content) {
            synchronized (Fence.this) {
                Pending chunk = new Pending(snapshot, asked, content);
                unseen.forEachUnseenBy(snapshot, chunk::strike);
                pending.put(marker, chunk);
                close();
                return chunk.handedOver;
            }
        }

        @Override
        public void close() {
            synchronized (Fence.this) {
                if (open.remove(this)) {
                    forget();
                }
            }
        }
    }

    /**
     * The rows of a read.
     *
     * @param scan what the rows are handed over with
     * @param progress where the scan has come to once they are settled; null for a read without an order
     */
    record Content(long scan, List<KeyedRow> rows, @Nullable RowKey progress) {}

    /** Rows on their way: read, their marker not yet arrived. */
    private static final class Pending {
        private final Snapshot snapshot;
        private final Content content;
        private final Map<RowKey, KeyedRow> rows = new LinkedHashMap<>();
        /** Asked for, and not there under the snapshot. */
        private final Set<RowKey> absent;

        private final Set<RowKey> again = new LinkedHashSet<>();
        private int overtaken;
        private final CompletableFuture<List<RowKey>> handedOver = new CompletableFuture<>();

        Pending(Snapshot snapshot, Collection<RowKey> asked, Content content) {
            this.snapshot = snapshot;
            this.content = content;
            content.rows.forEach(row -> rows.put(row.key(), row));
            this.absent = new LinkedHashSet<>(asked);
            absent.removeAll(rows.keySet());
        }

        /**
         * @param key null for a change whose row is not known
         * @param whole whether the stream brought the whole row; if not, the rest of it is still needed
         */
        void strike(@Nullable RowKey key, boolean whole) {
            if (key == null) {
                again.addAll(rows.keySet());
                again.addAll(absent);
                rows.clear();
                absent.clear();
            } else if (absent.remove(key)) {
                // The row may be there by now: an insert that the snapshot does not see.
                again.add(key);
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
                    content.scan, new ArrayList<>(rows.values()), overtaken, again.isEmpty() ? content.progress : null);
        }
    }
}
