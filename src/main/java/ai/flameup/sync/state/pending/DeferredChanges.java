package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.sqlite.StoreConnection;
import java.util.List;
import java.util.Optional;

/** The changes and deletes of a {@code StateStore} that were deferred. Thread-safe; throws what the store throws. */
public final class DeferredChanges {
    private final StoreConnection connection;
    private final DeferralTable table;

    public DeferredChanges(StoreConnection connection) {
        this.connection = connection;
        this.table = new DeferralTable(connection.statements());
    }

    /**
     * A page of the rows whose changes were deferred, ordered by id.
     *
     * @param afterId the last id of the previous page; 0 for the first page
     */
    public List<StoredKey> changes(long afterId, int limit) {
        return connection.read(() -> table.changes(afterId, limit));
    }

    /**
     * A page of the deletes, ordered by id.
     *
     * @param afterId the last id of the previous page; 0 for the first page
     */
    public List<DeferredDelete> deletes(long afterId, int limit) {
        return connection.read(() -> table.deletes(afterId, limit));
    }

    public Deferral summary() {
        return connection.read(table::summary);
    }

    /** The newest position of a change in place of which a deferred one was dropped; empty if none was. */
    public Optional<Lsn> droppedUntil() {
        return connection.read(table::droppedUntil);
    }

    /**
     * The ids of the newest ones; 0 if there is none.
     *
     * @param change of a change
     * @param delete of a delete
     */
    public record Newest(long change, long delete) {}

    public Newest newest() {
        return connection.read(() -> connection
                .statements()
                .one(
                        "SELECT coalesce((SELECT max(id) FROM deferred_change), 0), coalesce((SELECT max(id) FROM deferred_delete), 0)",
                        row -> new Newest(row.getLong(1), row.getLong(2)))
                .orElseThrow());
    }

    /** Whether there is none with these ids or smaller ones. */
    public boolean isEmptyUpTo(Newest ids) {
        return connection.read(() -> connection
                .statements()
                .one(
                        "SELECT 1 WHERE EXISTS (SELECT 1 FROM deferred_change WHERE id <= ?) OR EXISTS (SELECT 1 FROM deferred_delete WHERE id <= ?)",
                        row -> true,
                        ids.change(),
                        ids.delete())
                .isEmpty());
    }

    public boolean isEmpty() {
        return summary().keys() == 0;
    }
}
