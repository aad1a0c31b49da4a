package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables of deferred changes and deletes. Methods that change something need a transaction, which {@link #finish} ends. */
public final class DeferralTable {
    private final Statements statements;
    /** By how much the number of keys has changed. */
    private long more;

    private boolean isChanged;
    private @Nullable Lsn dropped;

    public DeferralTable(Statements statements) {
        this.statements = statements;
    }

    /** Adds changes, in this order. A change of a row that is there already takes the place of the former one. */
    public void addChanges(List<RowKey> keys) throws SQLException {
        List<Object[]> rows = new ArrayList<>(keys.size());
        for (RowKey key : keys) {
            rows.add(new Object[] {StoredValues.bytes(key)});
        }
        int[] added = statements.runForEach("INSERT OR IGNORE INTO deferred_change (row_key) VALUES (?)", rows);
        List<Object[]> again = new ArrayList<>();
        for (int i = 0; i < added.length; i++) {
            if (added[i] == 0) {
                again.add(rows.get(i));
            } else {
                more++;
            }
        }
        // With another id, because the row may have been read before this change.
        statements.runForEach("INSERT OR REPLACE INTO deferred_change (row_key) VALUES (?)", again);
        isChanged = true;
    }

    /** Adds a delete, or replaces the person's former one. */
    public void addDelete(String userId, Instant at) throws SQLException {
        more -= statements.run("DELETE FROM deferred_delete WHERE user_id = ?", userId);
        more += statements.run(
                "INSERT INTO deferred_delete (user_id, deleted_at) VALUES (?, ?)", userId, at.toString());
        isChanged = true;
    }

    /** Removes the change of a row. Returns how many were removed. */
    public int removeChange(RowKey key) throws SQLException {
        return removed(statements.run("DELETE FROM deferred_change WHERE row_key = ?", StoredValues.bytes(key)));
    }

    /** Removes the delete of a person. Returns how many were removed. */
    public int removeDelete(String userId) throws SQLException {
        return removed(statements.run("DELETE FROM deferred_delete WHERE user_id = ?", userId));
    }

    /** Removes the change of a row and the delete of a person, in place of which the stream has a change at the position. */
    public void drop(Lsn at, RowKey key, String userId) throws SQLException {
        if (removeChange(key) + removeDelete(userId) > 0) {
            dropped = dropped == null || at.isAfter(dropped) ? at : dropped;
        }
    }

    /** Removes the changes with these ids, both included. */
    public void removeChanges(long fromId, long toId) throws SQLException {
        removed(statements.run("DELETE FROM deferred_change WHERE id BETWEEN ? AND ?", fromId, toId));
    }

    /** Removes the deletes with these ids, both included. */
    public void removeDeletes(long fromId, long toId) throws SQLException {
        removed(statements.run("DELETE FROM deferred_delete WHERE id BETWEEN ? AND ?", fromId, toId));
    }

    /** Removes every change. Returns how many were removed. */
    public long removeAllChanges() throws SQLException {
        return removed(statements.run("DELETE FROM deferred_change"));
    }

    /** Removes every delete. */
    public void removeAllDeletes() throws SQLException {
        removed(statements.run("DELETE FROM deferred_delete"));
    }

    private int removed(int rows) {
        more -= rows;
        isChanged |= rows > 0;
        return rows;
    }

    /** Stores the number of keys. To be called before the commit. */
    public void finish() throws SQLException {
        if (isChanged) {
            statements.run(
                    "UPDATE deferral SET keys = keys + ?1, since = iif(keys + ?1 = 0, NULL, coalesce(since, ?2)),"
                            + " dropped_until = coalesce(?3, dropped_until)",
                    more,
                    StoredValues.now(),
                    dropped == null ? null : dropped.toString());
            more = 0;
            isChanged = false;
        }
    }

    List<StoredKey> changes(long afterId, int limit) throws SQLException {
        return statements.all(
                "SELECT id, row_key FROM deferred_change WHERE id > ? ORDER BY id LIMIT ?",
                row -> new StoredKey(row.getLong(1), StoredValues.requiredKey(row.getBytes(2))),
                afterId,
                limit);
    }

    List<DeferredDelete> deletes(long afterId, int limit) throws SQLException {
        return statements.all(
                "SELECT id, user_id, deleted_at FROM deferred_delete WHERE id > ? ORDER BY id LIMIT ?",
                row -> new DeferredDelete(row.getLong(1), row.getString(2), Instant.parse(row.getString(3))),
                afterId,
                limit);
    }

    Deferral summary() throws SQLException {
        return statements
                .one(
                        "SELECT keys, since, coalesce((SELECT min(id) FROM deferred_change), 0) FROM deferral",
                        row -> new Deferral(row.getLong(1), StoredValues.time(row.getString(2)), row.getLong(3)))
                .orElseThrow();
    }

    Optional<Lsn> droppedUntil() throws SQLException {
        return statements.one(
                "SELECT dropped_until FROM deferral WHERE dropped_until IS NOT NULL",
                row -> Lsn.parse(row.getString(1)));
    }
}
