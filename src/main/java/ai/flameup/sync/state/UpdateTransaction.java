package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.StateUpdate.BackfillDone;
import ai.flameup.sync.state.StateUpdate.BackfillFailed;
import ai.flameup.sync.state.StateUpdate.Delivered;
import ai.flameup.sync.state.StateUpdate.Gone;
import ai.flameup.sync.state.StateUpdate.Holds;
import ai.flameup.sync.state.StateUpdate.Identified;
import ai.flameup.sync.state.StateUpdate.Moved;
import ai.flameup.sync.state.StateUpdate.Parked;
import ai.flameup.sync.state.StateUpdate.Progress;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes updates within a transaction that is open already. Whoever opened the transaction rolls it back if this throws.
 * Lives as long as the transaction; for its thread only.
 */
final class UpdateTransaction {
    private final Statements statements;
    private final DeadLetterUpdates letters;
    private @Nullable Lsn position;

    UpdateTransaction(Statements statements) throws SQLException {
        this.statements = statements;
        this.letters = new DeadLetterUpdates(statements, new RetryTable(statements));
    }

    /** Makes all of them, in order. */
    void make(List<StateUpdate> updates) throws SQLException {
        for (StateUpdate update : updates) {
            make(update);
        }
        letters.finish();
    }

    private void make(StateUpdate update) throws SQLException {
        if (update instanceof Moved moved) {
            move(moved.position());
        } else if (update instanceof Holds holds) {
            hold(holds.userId(), holds.addresses());
        } else if (update instanceof Delivered delivered) {
            letters.deliver(delivered);
        } else if (update instanceof Parked parked) {
            letters.park(parked.letter());
        } else if (update instanceof Gone gone) {
            letters.rowIsGone(gone);
        } else if (update instanceof Identified identified) {
            letters.identify(identified);
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
        statements.run("UPDATE position SET lsn = ?", to.toString());
        position = to;
    }

    private Lsn stored() throws SQLException {
        return statements
                .one("SELECT lsn FROM position", row -> Lsn.parse(row.getString(1)))
                .orElseThrow(() -> new IllegalStateException("a position cannot move before it was adopted"));
    }

    /** Compares first: most often nothing changes, and reading costs a tenth of writing. */
    private void hold(String userId, long[] addresses) throws SQLException {
        List<Long> before =
                statements.all("SELECT address FROM held_address WHERE user_id = ?", row -> row.getLong(1), userId);
        for (long held : before) {
            if (!contains(addresses, held)) {
                statements.run("DELETE FROM held_address WHERE user_id = ? AND address = ?", userId, held);
            }
        }
        for (long address : addresses) {
            if (!before.contains(address)) {
                statements.run("INSERT OR IGNORE INTO held_address VALUES (?, ?)", userId, address);
            }
        }
    }

    private static boolean contains(long[] addresses, long address) {
        for (long one : addresses) {
            if (one == address) {
                return true;
            }
        }
        return false;
    }

    private void advance(Progress progress) throws SQLException {
        int rows = statements.run(
                "UPDATE backfill SET last_key = ?, row_count = row_count + ? WHERE id = ?",
                RowKeys.bytes(progress.lastKey()),
                progress.rows(),
                progress.backfillId());
        if (rows != 1) {
            throw new IllegalStateException("no backfill " + progress.backfillId());
        }
    }

    private void end(long id, Backfill.State state, Instant at, @Nullable String reason) throws SQLException {
        // The no-op for one that has ended already, cancelled by an operator for one, still finds the row.
        int rows = statements.run(
                "UPDATE backfill SET"
                        + " state = iif(ended_at IS NULL, ?, state), reason = iif(ended_at IS NULL, ?, reason),"
                        + " ended_at = coalesce(ended_at, ?) WHERE id = ?",
                state.name(),
                reason,
                at.toString(),
                id);
        if (rows != 1) {
            throw new IllegalStateException("no backfill " + id);
        }
    }
}
