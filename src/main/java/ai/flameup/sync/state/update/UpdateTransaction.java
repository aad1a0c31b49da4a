package ai.flameup.sync.state.update;

import ai.flameup.sync.change.JsonText;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.BackfillTable;
import ai.flameup.sync.state.pending.RetryTable;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoredValues;
import ai.flameup.sync.state.update.StateUpdate.BackfillDone;
import ai.flameup.sync.state.update.StateUpdate.BackfillFailed;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.Gone;
import ai.flameup.sync.state.update.StateUpdate.Holds;
import ai.flameup.sync.state.update.StateUpdate.Identified;
import ai.flameup.sync.state.update.StateUpdate.Parked;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import ai.flameup.sync.state.update.StateUpdate.Progress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Applies updates within an open transaction, which the caller rolls back if this throws. Used for that transaction and
 * its thread only.
 */
public final class UpdateTransaction {
    private final Statements statements;
    private final DeadLetterUpdates letters;
    private final BackfillTable backfills;
    private @Nullable Lsn position;

    public UpdateTransaction(Statements statements) throws SQLException {
        this.statements = statements;
        this.backfills = new BackfillTable(statements);
        this.letters = new DeadLetterUpdates(statements, new RetryTable(statements));
    }

    /** Applies them in order, except that held addresses come first and together, because nothing else depends on them. */
    public void apply(List<StateUpdate> updates) throws SQLException {
        Map<String, Holds> holds = new LinkedHashMap<>();
        List<StateUpdate> others = new ArrayList<>();
        for (StateUpdate update : updates) {
            if (update instanceof Holds hold) {
                holds.put(hold.userId(), hold);
            } else {
                others.add(update);
            }
        }
        hold(holds.values());
        for (StateUpdate update : others) {
            apply(update);
        }
        letters.finish();
    }

    private void apply(StateUpdate update) throws SQLException {
        if (update instanceof PositionAdvanced moved) {
            move(moved.position());
        } else if (update instanceof Delivered delivered) {
            letters.deliver(delivered);
        } else if (update instanceof Parked parked) {
            letters.park(parked.letter());
        } else if (update instanceof Gone gone) {
            letters.rowIsGone(gone);
        } else if (update instanceof Identified identified) {
            letters.identify(identified);
        } else if (update instanceof StateUpdate.Rekeyed rekeyed) {
            letters.rekey(rekeyed);
        } else if (update instanceof Progress progress) {
            backfills.advance(progress.backfillId(), progress.lastKey(), progress.more());
        } else if (update instanceof StateUpdate.RereadRequested deferred) {
            statements.run(
                    "INSERT OR REPLACE INTO deferred (row_key, since)"
                            + " VALUES (?1, coalesce((SELECT since FROM deferred WHERE row_key = ?1), ?2))",
                    StoredValues.bytes(deferred.key()),
                    deferred.since().toString());
        } else if (update instanceof StateUpdate.RereadStarted read) {
            String at = read.at().toString();
            statements.runForEach(
                    "UPDATE deferred SET since = ? WHERE row_key = ?",
                    read.keys().stream()
                            .map(key -> new Object[] {at, StoredValues.bytes(key)})
                            .toList());
        } else if (update instanceof StateUpdate.RereadDone reread) {
            statements.run("DELETE FROM deferred WHERE id BETWEEN ? AND ?", reread.fromId(), reread.toId());
        } else if (update instanceof StateUpdate.Budget allowance) {
            statements.run(
                    "INSERT INTO allowance VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET requests = excluded.requests,"
                            + " window_seconds = iif(requests = excluded.requests, max(window_seconds, excluded.window_seconds),"
                            + " excluded.window_seconds)",
                    allowance.requests(),
                    allowance.window().toSeconds());
        } else if (update instanceof StateUpdate.HeartbeatSeen witness) {
            statements.runForOne(
                    "UPDATE identity SET witness = ?, witness_lsn = ?",
                    witness.marker(),
                    witness.at().toString());
        } else if (update instanceof BackfillDone done) {
            backfills.end(done.id(), Backfill.State.DONE, done.at(), null);
        } else if (update instanceof BackfillFailed failed) {
            backfills.end(failed.id(), Backfill.State.FAILED, failed.at(), failed.reason());
        } else {
            throw new IllegalStateException("unknown update: " + update.getClass());
        }
    }

    private void move(Lsn to) throws SQLException {
        Lsn from = position == null ? stored() : position;
        if (from.isAfter(to)) {
            throw new IllegalStateException("the position would move backwards, from " + from + " to " + to);
        }
        statements.run("UPDATE position SET lsn = ?", to.toString());
        position = to;
    }

    private Lsn stored() throws SQLException {
        return statements
                .one("SELECT lsn FROM position", row -> Lsn.parse(row.getString(1)))
                .orElseThrow(() -> new IllegalStateException("the store has no position, because it was not adopted"));
    }

    /**
     * Updates the addresses of each person. Compares first, because most often nothing changes and a read costs a tenth of
     * a write. All in one query, because a first load has 20,000 a second.
     */
    private void hold(Collection<Holds> holds) throws SQLException {
        Map<String, List<Long>> before = held(holds);
        List<Object[]> added = new ArrayList<>();
        for (Holds hold : holds) {
            List<Long> held = before.getOrDefault(hold.userId(), List.of());
            for (long address : held) {
                if (!contains(hold.addresses(), address)) {
                    statements.run(
                            "DELETE FROM held_address WHERE user_id = ? AND address = ?", hold.userId(), address);
                }
            }
            for (long address : hold.addresses()) {
                if (!held.contains(address)) {
                    added.add(new Object[] {hold.userId(), address});
                }
            }
        }
        statements.runForEach("INSERT OR IGNORE INTO held_address VALUES (?, ?)", added);
    }

    private Map<String, List<Long>> held(Collection<Holds> holds) throws SQLException {
        if (holds.isEmpty()) {
            return Map.of();
        }
        Map<String, List<Long>> held = new HashMap<>();
        statements.all(
                "SELECT user_id, address FROM held_address WHERE user_id IN (SELECT value FROM json_each(?))",
                row -> held.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                        .add(row.getLong(2)),
                json(holds));
        return held;
    }

    private static String json(Collection<Holds> holds) {
        JsonText ids = new JsonText(16 * holds.size());
        char before = '[';
        for (Holds hold : holds) {
            ids.raw(before).string(hold.userId());
            before = ',';
        }
        return new String(ids.raw(']').toBytes(), StandardCharsets.UTF_8);
    }

    private static boolean contains(long[] addresses, long address) {
        for (long one : addresses) {
            if (one == address) {
                return true;
            }
        }
        return false;
    }
}
