package ai.flameup.sync.state;

import java.util.List;

/** The rows of a {@link StateStore} that are to be read again. Thread-safe; throws what the store throws. */
public final class DeferredRows {
    private final StoreConnection connection;

    DeferredRows(StoreConnection connection) {
        this.connection = connection;
    }

    /**
     * A page of them, ordered by id.
     *
     * @param afterId the last id of the previous page; 0 for the first page
     */
    public List<Deferred> page(long afterId, int limit) {
        return connection.read(() -> connection
                .statements()
                .all(
                        "SELECT id, row_key FROM deferred WHERE id > ? ORDER BY id LIMIT ?",
                        row -> new Deferred(row.getLong(1), StoredValues.requiredKey(row.getBytes(2))),
                        afterId,
                        limit));
    }

    public boolean isEmpty() {
        return page(0, 1).isEmpty();
    }
}
