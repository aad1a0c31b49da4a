package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tables of backfills and of their sets of keys. Methods that change something need a transaction. */
public final class BackfillTable {
    private static final int MAX_KEYS_PER_DELETE = 10_000;

    private final Statements statements;

    public BackfillTable(Statements statements) {
        this.statements = statements;
    }

    public long add(Backfill.Scope scope, State state, String requestedBy) throws SQLException {
        return statements.insert(
                "INSERT INTO backfill (kind, condition, changed_only, state, requested_at, requested_by)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                scope.kind().name(),
                scope.condition(),
                scope.changedOnly(),
                state.name(),
                StoredValues.now(),
                requestedBy);
    }

    public Optional<Backfill> one(long id) throws SQLException {
        return statements.one("SELECT * FROM backfill WHERE id = ?", BackfillTable::backfill, id);
    }

    /** The backfills that have not ended: first loads and reloads, then oldest first. */
    public List<Backfill> open() throws SQLException {
        return statements.all(
                "SELECT * FROM backfill WHERE ended_at IS NULL ORDER BY kind NOT IN ('FIRST_LOAD', 'RELOAD'), id",
                BackfillTable::backfill);
    }

    /** The backfills after an id, oldest first. */
    List<Backfill> page(long afterId, int limit) throws SQLException {
        return statements.all(
                "SELECT * FROM backfill WHERE id > ? ORDER BY id LIMIT ?", BackfillTable::backfill, afterId, limit);
    }

    boolean isEveryRowDelivered() throws SQLException {
        return statements
                .one(
                        "SELECT EXISTS (SELECT 1 FROM backfill WHERE kind IN ('FIRST_LOAD', 'RELOAD', 'ALL')"
                                + " AND state = 'DONE'"
                                + " AND id >= coalesce((SELECT max(backfill_id) FROM resync), 0))",
                        row -> row.getBoolean(1))
                .orElseThrow();
    }

    /** Returns whether it was queued. */
    boolean start(long id) throws SQLException {
        return statements.run(
                        "UPDATE backfill SET state = 'RUNNING', started_at = coalesce(started_at, ?)"
                                + " WHERE id = ? AND state = 'QUEUED'",
                        StoredValues.now(),
                        id)
                == 1;
    }

    /** Returns whether it was open. */
    boolean pause(long id) throws SQLException {
        return statements.run("UPDATE backfill SET state = 'PAUSED' WHERE id = ? AND ended_at IS NULL", id) == 1;
    }

    /** Returns whether it was paused. */
    boolean resume(long id) throws SQLException {
        return statements.run("UPDATE backfill SET state = 'QUEUED' WHERE id = ? AND state = 'PAUSED'", id) == 1;
    }

    boolean isOpen(long id) throws SQLException {
        return one(id).filter(one -> !one.state().isEnd()).isPresent();
    }

    /** Ends it. If it has already ended, or an operator has cancelled it, its state and reason stay. */
    public void end(long id, State state, Instant at, @Nullable String reason) throws SQLException {
        int rows = statements.run(
                "UPDATE backfill SET"
                        + " state = iif(ended_at IS NULL, ?, state), reason = iif(ended_at IS NULL, ?, reason),"
                        + " ended_at = coalesce(ended_at, ?) WHERE id = ?",
                state.name(),
                reason,
                StoredValues.text(at),
                id);
        if (rows != 1) {
            throw new IllegalStateException("no backfill with id " + id);
        }
        removeKeys(id);
    }

    /** Resets its progress, and the keys that were found for its condition. */
    public void restart(long id) throws SQLException {
        statements.runForOne(
                "UPDATE backfill SET last_key = NULL, key_count = NULL, row_count = 0, sent = 0, unchanged = 0, parked = 0"
                        + " WHERE id = ?",
                id);
    }

    /** Queues it as if it had not ended. */
    void reopen(long id) throws SQLException {
        statements.runForOne(
                "UPDATE backfill SET state = ?, reason = NULL, ended_at = NULL WHERE id = ?", State.QUEUED.name(), id);
    }

    /** Adds settled rows, up to a key. */
    public void advance(long id, RowKey lastKey, Backfill.Tally more) throws SQLException {
        statements.runForOne(
                "UPDATE backfill SET last_key = ?, row_count = row_count + ?, sent = sent + ?,"
                        + " unchanged = unchanged + ?, parked = parked + ? WHERE id = ?",
                StoredValues.bytes(lastKey),
                more.rows(),
                more.sent(),
                more.unchanged(),
                more.parked(),
                id);
    }

    void addKeys(long id, long afterOrdinal, List<RowKey> keys) throws SQLException {
        List<@Nullable Object[]> rows = new ArrayList<>(keys.size());
        long ordinal = afterOrdinal;
        for (RowKey key : keys) {
            ordinal++;
            rows.add(new Object[] {id, ordinal, StoredValues.bytes(key)});
        }
        statements.runForEach("INSERT INTO backfill_key VALUES (?, ?, ?)", rows);
    }

    /**
     * Deletes up to 10,000 of its keys: there may be millions, and the store must not be locked for long.
     *
     * @return how many were deleted
     */
    int removeKeys(long id) throws SQLException {
        return statements.run(
                "DELETE FROM backfill_key WHERE backfill_id = ?1 AND ordinal <"
                        + " (SELECT min(ordinal) + ?2 FROM backfill_key WHERE backfill_id = ?1)",
                id,
                MAX_KEYS_PER_DELETE);
    }

    /**
     * A backfill that has ended and still has keys. Skips one whose keys are still being added, unless that started
     * before {@code longAgo}.
     */
    Optional<Long> endedWithKeys(Instant longAgo) throws SQLException {
        return statements.one(
                "SELECT id FROM backfill WHERE ended_at IS NOT NULL"
                        + " AND (key_count IS NOT NULL OR kind <> 'IDS' OR ended_at < ?)"
                        + " AND EXISTS (SELECT 1 FROM backfill_key WHERE backfill_id = backfill.id) LIMIT 1",
                row -> row.getLong(1),
                StoredValues.text(longAgo));
    }

    void setKeyCount(long id, long count) throws SQLException {
        statements.runForOne("UPDATE backfill SET key_count = ? WHERE id = ?", count, id);
    }

    List<StoredKey> keys(long id, long afterOrdinal, int limit) throws SQLException {
        return statements.all(
                "SELECT ordinal, row_key FROM backfill_key WHERE backfill_id = ? AND ordinal > ? ORDER BY ordinal LIMIT ?",
                row -> new StoredKey(row.getLong(1), StoredValues.requiredKey(row.getBytes(2))),
                id,
                afterOrdinal,
                limit);
    }

    private static Backfill backfill(ResultSet row) throws SQLException {
        return new Backfill(
                row.getLong("id"),
                new Backfill.Scope(
                        Backfill.Kind.valueOf(row.getString("kind")),
                        row.getString("condition"),
                        row.getBoolean("changed_only")),
                new Requested(Instant.parse(row.getString("requested_at")), row.getString("requested_by")),
                new Backfill.Progress(
                        StoredValues.number(row, "key_count"),
                        StoredValues.key(row.getBytes("last_key")),
                        new Backfill.Tally(
                                row.getLong("row_count"),
                                row.getLong("sent"),
                                row.getLong("unchanged"),
                                row.getLong("parked"))),
                new Backfill.Course(
                        State.valueOf(row.getString("state")),
                        StoredValues.time(row.getString("started_at")),
                        StoredValues.time(row.getString("ended_at")),
                        row.getString("reason")));
    }
}
