package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.Backfill.Kind;
import ai.flameup.sync.state.Backfill.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The backfills of a {@link StateStore}: what was asked for, and how far it has come. Thread-safe, and for several
 * processes, as the store is; throws what the store throws.
 */
public final class Backfills {
    /** Asking for a backfill, with all of its keys, never takes so long. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    private final StoreConnection connection;
    private final BackfillTable table;

    Backfills(StoreConnection connection) {
        this.connection = connection;
        this.table = new BackfillTable(connection.statements());
    }

    /**
     * Asks for a backfill of the whole table, or of the rows that a condition holds for.
     *
     * @param condition for {@link Kind#WHERE} alone
     * @param requestedBy user@host
     * @return as it is stored
     */
    public Backfill add(Kind kind, @Nullable String condition, String requestedBy) {
        return connection
                .write(() -> table.one(table.add(kind, State.QUEUED, condition, requestedBy)))
                .orElseThrow();
    }

    /**
     * Asks for a backfill of rows.
     *
     * @param keys hands over their keys, a page after the other
     * @return as it is stored, with all of its keys; a kill before leaves it cancelled
     */
    public Backfill addKeys(Consumer<Consumer<List<RowKey>>> keys, String requestedBy) {
        long id = connection.write(() -> {
            long added = table.add(Kind.IDS, State.PAUSED, null, requestedBy);
            table.end(added, State.CANCELLED, Instant.now(), "it was not asked for to the end");
            return added;
        });
        long[] count = {0};
        keys.accept(page -> {
            long before = count[0];
            connection.write(() -> {
                table.addKeys(id, before, page);
                return id;
            });
            count[0] += page.size();
        });
        return connection
                .write(() -> {
                    table.keysAreWhole(id, count[0]);
                    table.reopen(id);
                    return table.one(id);
                })
                .orElseThrow();
    }

    public Optional<Backfill> one(long id) {
        return connection.read(() -> table.one(id));
    }

    /**
     * Those that have not ended, in the order of their turns: first loads and reloads, then oldest first. To be asked every
     * second: it reads those alone.
     */
    public List<Backfill> open() {
        return connection.read(table::open);
    }

    /**
     * Whether every row of the table was delivered since the store began or was resynced. A load that is still open does
     * not count: it may be cancelled.
     */
    public boolean isEveryRowDelivered() {
        return connection.read(table::isEveryRowDelivered);
    }

    /**
     * A page of all that were ever asked for, oldest first.
     *
     * @param afterId the last of the page before; 0 for the first page
     */
    public List<Backfill> page(long afterId, int limit) {
        return connection.read(() -> table.page(afterId, limit));
    }

    /** Its turn has come; false where it is not in the queue any more, because somebody has paused or cancelled it. */
    public boolean start(long id) {
        return connection.write(() -> table.start(id));
    }

    /** Nothing more is read for it until it is resumed; false where it has ended. */
    public boolean pause(long id) {
        return connection.write(() -> table.pause(id));
    }

    /** It goes on when its turn comes; false where it is not paused. */
    public boolean resume(long id) {
        return connection.write(() -> table.resume(id));
    }

    /**
     * Nothing more is read for it, ever. What is left of its keys is deleted by {@link #sweep}.
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

    /** Takes away what was found of the keys of a condition, because it begins anew. */
    public void findAnew(long id) {
        int removed;
        do {
            removed = connection.write(() -> table.removeKeys(id));
        } while (removed > 0);
    }

    /**
     * Deletes keys of backfills that have ended, some at a time, so that nothing else waits for the store for long.
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
     * More keys; of no use, and so not kept, where it has ended meanwhile.
     *
     * @param before how many were added before
     */
    public void found(long id, long before, List<RowKey> keys) {
        connection.write(() -> {
            if (table.isOpen(id)) {
                table.addKeys(id, before, keys);
            }
            return id;
        });
    }

    /** All keys are there. */
    public void foundAll(long id, long count) {
        connection.write(() -> {
            table.keysAreWhole(id, count);
            return id;
        });
    }

    /**
     * A page of its keys.
     *
     * @param afterOrdinal that of the last key of the page before; they are numbered from 1
     */
    public List<RowKey> keys(long id, long afterOrdinal, int limit) {
        return connection.read(() -> table.keys(id, afterOrdinal, limit));
    }
}
