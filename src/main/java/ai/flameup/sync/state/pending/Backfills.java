package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.pending.Backfill.Kind;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.sqlite.StoreConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The backfills of a {@code StateStore}, and their progress. Thread-safe, and for several processes, as the store is;
 * throws what the store throws.
 */
public final class Backfills {
    /** The request of a backfill, with all of its keys, never takes this long. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    private final StoreConnection connection;
    private final BackfillTable table;

    public Backfills(StoreConnection connection) {
        this.connection = connection;
        this.table = new BackfillTable(connection.statements());
    }

    /**
     * Queues a backfill of the whole table, or of the rows that match a condition, which sends every row.
     *
     * @param condition for {@link Kind#WHERE} only
     * @param requestedBy user@host
     * @return as it is stored
     */
    public Backfill add(Kind kind, @Nullable String condition, String requestedBy) {
        return add(new Backfill.Scope(kind, condition, false), requestedBy);
    }

    /**
     * Queues a backfill of the whole table, or of the rows that match a condition.
     *
     * @param requestedBy user@host
     * @return as it is stored
     */
    public Backfill add(Backfill.Scope scope, String requestedBy) {
        return connection
                .write(() -> table.one(table.add(scope, State.QUEUED, requestedBy)))
                .orElseThrow();
    }

    /**
     * Queues a backfill of named rows.
     *
     * @param changedOnly whether rows are not sent whose state Flameup has already
     * @param keys passes their keys to its consumer, page by page
     * @return as it is stored, with all of its keys. If the process is killed before, the backfill stays cancelled
     */
    public Backfill addKeys(boolean changedOnly, Consumer<Consumer<List<RowKey>>> keys, String requestedBy) {
        long id = connection.write(() -> {
            long added = table.add(new Backfill.Scope(Kind.IDS, null, changedOnly), State.PAUSED, requestedBy);
            table.end(added, State.CANCELLED, Instant.now(), "the request was not completed");
            return added;
        });
        long[] count = {0};
        keys.accept(page -> {
            long before = count[0];
            connection.change(() -> table.addKeys(id, before, page));
            count[0] += page.size();
        });
        return connection
                .write(() -> {
                    table.setKeyCount(id, count[0]);
                    table.reopen(id);
                    return table.one(id);
                })
                .orElseThrow();
    }

    public Optional<Backfill> one(long id) {
        return connection.read(() -> table.one(id));
    }

    /**
     * The backfills that have not ended, in the order of their turns: first loads and reloads, then oldest first. It reads
     * only those, so it may be called every second.
     */
    public List<Backfill> open() {
        return connection.read(table::open);
    }

    /**
     * Whether every row of the table was delivered since the first start or the last resync. A load that is still open
     * does not count, because it may be cancelled.
     */
    public boolean isEveryRowDelivered() {
        return connection.read(table::isEveryRowDelivered);
    }

    /**
     * A page of all backfills, oldest first.
     *
     * @param afterId the last id of the previous page; 0 for the first page
     */
    public List<Backfill> page(long afterId, int limit) {
        return connection.read(() -> table.page(afterId, limit));
    }

    /** Starts a queued backfill. Returns false if it is no longer queued, because an operator paused or cancelled it. */
    public boolean start(long id) {
        return connection.write(() -> table.start(id));
    }

    /** Pauses a backfill until it is resumed. Returns false if it has ended. */
    public boolean pause(long id) {
        return connection.write(() -> table.pause(id));
    }

    /** Queues a paused backfill again. Returns false if it is not paused. */
    public boolean resume(long id) {
        return connection.write(() -> table.resume(id));
    }

    /**
     * Ends a backfill. Its remaining keys are deleted by {@link #sweep}.
     *
     * @return false if it has ended
     */
    public boolean cancel(long id) {
        return connection.write(() -> {
            boolean open = table.isOpen(id);
            if (open) {
                table.end(id, State.CANCELLED, Instant.now(), null);
            }
            return open;
        });
    }

    /** Deletes the keys that an earlier search found for a condition. */
    public void restartSearch(long id) {
        int removed;
        do {
            removed = connection.write(() -> table.removeKeys(id));
        } while (removed > 0);
    }

    /**
     * Deletes keys of backfills that have ended, in small steps, so that others do not wait for the store for long.
     *
     * @return whether there may be more
     */
    public boolean sweep() {
        Instant longAgo = Instant.now().minus(ABANDONED);
        Optional<Long> ended = connection.read(() -> table.endedWithKeys(longAgo));
        ended.ifPresent(id -> connection.write(() -> table.removeKeys(id)));
        return ended.isPresent();
    }

    /**
     * Adds keys that were found for a condition. If the backfill has ended, they are ignored.
     *
     * @param before how many were added before
     */
    public void addKeys(long id, long before, List<RowKey> keys) {
        connection.change(() -> {
            if (table.isOpen(id)) {
                table.addKeys(id, before, keys);
            }
        });
    }

    /** Records that all keys are found. */
    public void keysComplete(long id, long count) {
        connection.change(() -> table.setKeyCount(id, count));
    }

    /**
     * A page of its keys.
     *
     * @param afterOrdinal the ordinal of the last key of the previous page; 0 for the first page
     */
    public List<StoredKey> keys(long id, long afterOrdinal, int limit) {
        return connection.read(() -> table.keys(id, afterOrdinal, limit));
    }
}
