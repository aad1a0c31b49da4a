package ai.flameup.sync.source.fence;

import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowChange;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.rows.Snapshot;
import ai.flameup.sync.source.rows.StreamEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gives rows that were read from the table their place in the stream, so that no older state follows a newer one.
 *
 * <p>A read opens, takes its snapshot, and reads its rows. Then it writes a marker into the WAL. When the marker arrives in
 * the stream, the rows are the newest states at that position, because
 *
 * <ul>
 *   <li>the stream carried every change that the snapshot sees before the marker;
 *   <li>a change before the marker that the snapshot does not see removed its row from the rows.
 * </ul>
 *
 * INVARIANT: {@link #unseen} contains every transaction that the stream carried and that an open or future read may not see.
 * These can be many: a read may hold its snapshot for long, and the stream carries a transaction that waits for a synchronous
 * standby long before any snapshot sees it.
 *
 * <p>Reading between watermarks is the idea of Netflix's DBLog. Here, the snapshot replaces the low watermark. Thread-safe:
 * the stream's thread and the reader's thread use it.
 */
public final class Fence {
    private final PersonKeys persons;
    private final UnseenChanges unseen = new UnseenChanges();
    /** The same for persons, if their user ids are not the primary key. */
    private final UnseenChanges unseenPersons = new UnseenChanges();

    /** The transactions that changed watched tables before the last read opened. */
    private final UnseenChanges unseenWatched = new UnseenChanges();

    /** Those since then. A read that is open need not see them, because the rows that they concern are read later. */
    private final Set<Integer> newWatched = new HashSet<>();

    private final Set<Read> open = new HashSet<>();
    private final Map<String, PendingRead> pending = new HashMap<>();
    /** Reads whose marker arrived, but whose rows the stream's listener has not taken yet. */
    private final List<PendingRead> markerArrived = new ArrayList<>();

    /** The latest snapshot that the stream carried; null before the first. */
    private @Nullable Snapshot latest;

    /** The snapshot at the start; null if no read has to wait for transactions that were in progress then. */
    private @Nullable Snapshot start;

    /** Creates a fence for a first stream, or for one whose predecessor carried only visible commits. */
    public Fence() {
        this(PersonKeys.OF_PRIMARY_KEY, null);
    }

    /**
     * Creates a fence whose reads wait until every transaction is visible that was in progress at the start. A former stream
     * may have carried changes of these transactions, which this fence does not get.
     *
     * @param persons the keys of reads that look for persons instead of rows
     * @param start the snapshot at the start; null for no wait
     */
    public Fence(PersonKeys persons, @Nullable Snapshot start) {
        this.persons = persons;
        this.start = start;
    }

    /**
     * Creates the fence of a run.
     *
     * <p>A commit stays invisible for longer than a start takes only with synchronous standbys.
     *
     * @param userId the column of the user id, one of the mapped columns
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public static Fence of(Database database, Table table, String userId) {
        PersonKeys persons = PersonKeys.of(table, userId);
        return database.read("reading the transactions in progress", connection -> {
            String standbys = Queries.text(connection, "SELECT current_setting('synchronous_standby_names')");
            if (standbys.isBlank()) {
                return new Fence(persons, null);
            }
            // A snapshot lists only transactions that are older than the last one that has ended. So one ends here.
            Queries.text(connection, "SELECT pg_current_xact_id()");
            connection.rollback();
            return new Fence(persons, Snapshot.parse(Queries.text(connection, "SELECT pg_current_snapshot()")));
        });
    }

    /** Whether a key is one of a person, and not a primary key. */
    boolean isPerson(RowKey key) {
        return persons.isPerson(key);
    }

    /** Whether reads may open. If not, a later heartbeat allows it. */
    synchronized boolean isReady() {
        if (start != null && latest != null && latest.seesAllInProgressOf(start)) {
            start = null;
        }
        return start == null;
    }

    /**
     * Records a change that the stream carried.
     *
     * @param isRead whether its row is read for this change, so that no other read needs the row
     */
    public synchronized void recordChange(RowChange change, boolean isRead) {
        // A deleted row needs no second read, even if the replica identity carries only its key.
        boolean whole = change.kind() == RowChange.Kind.DELETE
                || change.kind() == RowChange.Kind.DELETE_BY_NEW_KEY
                || isRead
                || change.row().isWhole();
        Snapshot seenByAll = seenByAll();
        if (seenByAll == null || !seenByAll.sees(change.transaction())) {
            unseen.add(change.transaction(), change.key(), whole);
        }
        for (PendingRead chunk : pending.values()) {
            if (!chunk.sees(change.transaction())) {
                chunk.strike(change.key(), whole);
            }
        }
        if (persons.mayAppear(change)) {
            RowKey person = persons.of(change);
            if (seenByAll == null || !seenByAll.sees(change.transaction())) {
                unseenPersons.add(change.transaction(), person, false);
            }
            for (PendingRead chunk : pending.values()) {
                if (!chunk.sees(change.transaction())) {
                    chunk.strikeAbsent(person, persons);
                }
            }
        }
    }

    /** Records a change of a watched table that the stream carried. Reads that open later have to see it. */
    public synchronized void recordWatched(int transaction) {
        if (latest == null || !latest.sees(transaction)) {
            newWatched.add(transaction);
        }
    }

    /**
     * Records a snapshot that the stream carried. Every read that opens from now on sees at least as much.
     *
     * <p>Only snapshots from the stream count. A snapshot that a reader has just taken may see transactions that are not
     * flushed yet, whose ids the server assigns again after a crash.
     */
    public synchronized void advance(Snapshot snapshot) {
        if (latest == null || snapshot.isLaterThan(latest)) {
            latest = snapshot;
            newWatched.removeIf(snapshot::sees);
        }
        forget();
    }

    private void forget() {
        Snapshot seenByAll = seenByAll();
        if (seenByAll != null) {
            unseen.removeSeenBy(seenByAll);
            unseenPersons.removeSeenBy(seenByAll);
            unseenWatched.removeSeenBy(seenByAll);
        }
    }

    /** Returns a snapshot whose transactions all open and future reads see; null for none. */
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

    /** Opens a read. Call this before the read takes its snapshot, and close it once its rows are registered or abandoned. */
    synchronized Read open() {
        newWatched.forEach(transaction -> unseenWatched.add(transaction, null, false));
        newWatched.clear();
        Read read = new Read(latest);
        open.add(read);
        return read;
    }

    /** Discards the rows of a marker that will not arrive, because it could not be written. */
    synchronized void withdraw(String marker) {
        pending.remove(marker);
    }

    /**
     * Returns the rows of a marker that arrived; null for a marker of an earlier process, or a withdrawn one.
     *
     * @param at the marker's place in the stream
     */
    public synchronized StreamEvent.@Nullable Fenced markerArrived(String marker, Position at) {
        PendingRead chunk = pending.remove(marker);
        if (chunk == null) {
            return null;
        }
        advance(chunk.snapshot());
        markerArrived.add(chunk);
        return chunk.fenced(at);
    }

    /** Completes the reads whose rows the listener has taken. Not earlier: the reader's next step must not overtake them. */
    public synchronized void batchDelivered() {
        markerArrived.forEach(PendingRead::complete);
        markerArrived.clear();
    }

    /** A read, from before its snapshot until its rows are registered. */
    final class Read implements AutoCloseable {
        private final @Nullable Snapshot seesAtLeast;

        private Read(@Nullable Snapshot seesAtLeast) {
            this.seesAtLeast = seesAtLeast;
        }

        /**
         * Registers the rows that were read. Call this before the marker is written.
         *
         * @param marker the marker's name
         * @param snapshot the snapshot in which the rows were read
         * @param requested the keys that were read one by one; empty for a range
         * @param content the rows
         * @return completes with the keys to read again when the marker has arrived and the listener has taken the rows
         */
        CompletableFuture<List<RowKey>> register(
                String marker, Snapshot snapshot, Collection<RowKey> requested, PendingRead.Content content) {
            synchronized (Fence.this) {
                PendingRead chunk = new PendingRead(snapshot, requested, content);
                unseen.forEachUnseenBy(snapshot, chunk::strike);
                unseenPersons.forEachUnseenBy(snapshot, (person, whole) -> chunk.strikeAbsent(person, persons));
                unseenWatched.forEachUnseenBy(snapshot, chunk::strike);
                pending.put(marker, chunk);
                close();
                return chunk.handedOver();
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
}
