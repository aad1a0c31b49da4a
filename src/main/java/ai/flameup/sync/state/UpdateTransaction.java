package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.StateUpdate.BackfillDone;
import ai.flameup.sync.state.StateUpdate.BackfillFailed;
import ai.flameup.sync.state.StateUpdate.Delivered;
import ai.flameup.sync.state.StateUpdate.Moved;
import ai.flameup.sync.state.StateUpdate.Parked;
import ai.flameup.sync.state.StateUpdate.Progress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes updates within a transaction that is open already, and prepares each statement once. Whoever opened the
 * transaction rolls it back if this throws. Lives as long as the transaction; for its thread only.
 */
final class UpdateTransaction implements AutoCloseable {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private @Nullable Lsn position;
    private boolean anyDeadLetters;

    UpdateTransaction(Connection connection) throws SQLException {
        this.connection = connection;
        // Asked here and not remembered: another process may have discarded them.
        this.anyDeadLetters = Sqlite.number(connection, "SELECT EXISTS (SELECT 1 FROM dead_letter)") == 1;
    }

    void make(StateUpdate update) throws SQLException {
        if (update instanceof Moved moved) {
            move(moved.position());
        } else if (update instanceof Delivered delivered) {
            settle(delivered.userId());
        } else if (update instanceof Parked parked) {
            park(parked.letter());
        } else if (update instanceof Progress progress) {
            advance(progress);
        } else if (update instanceof BackfillDone done) {
            end(done.id(), Backfill.State.DONE, done.at(), null);
        } else if (update instanceof BackfillFailed failed) {
            end(failed.id(), Backfill.State.FAILED, failed.at(), failed.reason());
        } else {
            throw new IllegalStateException("unknown update: " + update.getClass());
        }
    }

    private void move(Lsn to) throws SQLException {
        Lsn from = position == null ? stored() : position;
        if (from.isAfter(to)) {
            throw new IllegalStateException("the position would go backwards, from " + from + " to " + to);
        }
        PreparedStatement update = prepare("UPDATE position SET lsn = ?");
        update.setString(1, to.toString());
        update.executeUpdate();
        position = to;
    }

    private Lsn stored() throws SQLException {
        try (ResultSet row = prepare("SELECT lsn FROM position").executeQuery()) {
            if (!row.next()) {
                throw new IllegalStateException("a position cannot move before it was adopted");
            }
            return Lsn.parse(row.getString(1));
        }
    }

    private void settle(String userId) throws SQLException {
        if (anyDeadLetters) {
            PreparedStatement delete = prepare("DELETE FROM dead_letter WHERE user_id = ? AND user_id <> ''");
            delete.setString(1, userId);
            delete.executeUpdate();
        }
    }

    private void park(DeadLetter letter) throws SQLException {
        PreparedStatement replace = prepare("INSERT OR REPLACE INTO dead_letter"
                + " (user_id, row_key, status, reason, request_id, parked_at, attempts) VALUES (?, ?, ?, ?, ?, ?, ?)");
        replace.setString(1, letter.userId());
        replace.setBytes(2, bytes(letter.key()));
        replace.setInt(3, letter.status());
        replace.setString(4, letter.reason());
        replace.setString(5, letter.requestId());
        replace.setString(6, letter.at().toString());
        replace.setInt(7, letter.attempts());
        replace.executeUpdate();
        anyDeadLetters = true;
    }

    private void advance(Progress progress) throws SQLException {
        PreparedStatement update = prepare("UPDATE backfill SET last_key = ?, row_count = row_count + ? WHERE id = ?");
        update.setBytes(1, bytes(progress.lastKey()));
        update.setLong(2, progress.rows());
        update.setLong(3, progress.backfillId());
        if (update.executeUpdate() != 1) {
            throw new IllegalStateException("no backfill " + progress.backfillId());
        }
    }

    private void end(long id, Backfill.State state, Instant at, @Nullable String reason) throws SQLException {
        // The no-op for one that has ended already, cancelled by an operator for one, still finds the row.
        PreparedStatement update = prepare("UPDATE backfill SET"
                + " state = iif(ended_at IS NULL, ?, state), reason = iif(ended_at IS NULL, ?, reason),"
                + " ended_at = coalesce(ended_at, ?) WHERE id = ?");
        update.setString(1, state.name());
        update.setString(2, reason);
        update.setString(3, at.toString());
        update.setLong(4, id);
        if (update.executeUpdate() != 1) {
            throw new IllegalStateException("no backfill " + id);
        }
    }

    private static byte @Nullable [] bytes(@Nullable RowKey key) {
        return key == null ? null : key.joined().getBytes(StandardCharsets.UTF_8);
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : prepared.values()) {
            statement.close();
        }
    }
}
