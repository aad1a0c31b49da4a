package ai.flameup.sync.state.pending;

import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.SQLException;
import java.util.List;

/** The rows of a {@code StateStore} that are to be read again. Thread-safe; throws what the store throws. */
public final class DeferredRows {
    private final StoreConnection connection;

    public DeferredRows(StoreConnection connection) {
        this.connection = connection;
    }

    /**
     * A page of them, ordered by id.
     *
     * @param afterId the last id of the previous page; 0 for the first page
     */
    public List<StoredKey> page(long afterId, int limit) {
        return connection.read(() -> connection
                .statements()
                .all(
                        "SELECT id, row_key FROM deferred WHERE id > ? ORDER BY id LIMIT ?",
                        row -> new StoredKey(row.getLong(1), StoredValues.requiredKey(row.getBytes(2))),
                        afterId,
                        limit));
    }

    /** How many there are, since when there has always been one, and a number that changes if some are read. */
    public PendingWork.Rows summary() throws SQLException {
        return connection
                .statements()
                .one(
                        "SELECT count(*), coalesce(min(id), 0), min(since) FROM deferred",
                        row -> new PendingWork.Rows(
                                row.getLong(1), row.getLong(2), StoredValues.time(row.getString(3))))
                .orElseThrow();
    }

    /** The id of the newest; 0 if there is none. */
    public long newest() {
        return connection.read(() -> connection
                .statements()
                .one("SELECT coalesce(max(id), 0) FROM deferred", row -> row.getLong(1))
                .orElseThrow());
    }

    /** Whether there is none with this id or a smaller one. */
    public boolean isEmptyUpTo(long id) {
        return connection.read(() -> connection
                .statements()
                .one("SELECT 1 FROM deferred WHERE id <= ? LIMIT 1", row -> true, id)
                .isEmpty());
    }

    public boolean isEmpty() {
        return page(0, 1).isEmpty();
    }
}
