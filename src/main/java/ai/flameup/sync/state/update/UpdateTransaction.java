package ai.flameup.sync.state.update;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.ledger.LedgerTable;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.BackfillTable;
import ai.flameup.sync.state.pending.DeferralTable;
import ai.flameup.sync.state.pending.RetryTable;
import ai.flameup.sync.state.pending.Searches;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoredValues;
import ai.flameup.sync.state.update.StateUpdate.BackfillDone;
import ai.flameup.sync.state.update.StateUpdate.BackfillFailed;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.Gone;
import ai.flameup.sync.state.update.StateUpdate.Identified;
import ai.flameup.sync.state.update.StateUpdate.Parked;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import ai.flameup.sync.state.update.StateUpdate.Progress;
import java.sql.SQLException;
import java.util.ArrayList;
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
    private final DeferralTable deferral;
    /** Deferred changes that are written together. */
    private final List<RowKey> deferred = new ArrayList<>();

    private @Nullable Lsn position;

    /** @param log of dead letters, whose method {@code committed} follows the commit */
    public UpdateTransaction(Statements statements, LetterLog log) throws SQLException {
        this.statements = statements;
        this.backfills = new BackfillTable(statements);
        this.deferral = new DeferralTable(statements);
        this.letters = new DeadLetterUpdates(statements, new RetryTable(statements), log);
    }

    /** Applies them in order, except that ledger entries come first and together, because nothing else depends on them. */
    public void apply(List<StateUpdate> updates) throws SQLException {
        Map<String, LedgerTable.Row> entries = new LinkedHashMap<>();
        List<StateUpdate> others = new ArrayList<>();
        for (StateUpdate update : updates) {
            if (update instanceof StateUpdate.LedgerChanged changed) {
                entries.put(changed.userId(), new LedgerTable.Row(changed.userId(), changed.entry(), changed.at()));
            } else {
                others.add(update);
            }
        }
        new LedgerTable(statements).write(List.copyOf(entries.values()));
        for (StateUpdate update : others) {
            if (update instanceof StateUpdate.ChangeDeferred change) {
                deferred.add(change.key());
            } else if (!defer(update)) {
                apply(update);
            }
        }
        writeDeferred();
        deferral.finish();
        letters.finish();
    }

    /** Applies an update of deferred changes or deletes. Returns false for other updates. */
    private boolean defer(StateUpdate update) throws SQLException {
        if (update instanceof StateUpdate.DeleteDeferred delete) {
            deferral.addDelete(delete.userId(), delete.at());
        } else if (update instanceof StateUpdate.DeferredDropped dropped) {
            writeDeferred();
            deferral.drop(dropped.resumeAt(), dropped.key(), dropped.userId());
        } else if (update instanceof StateUpdate.DeferredChangesSent sent) {
            writeDeferred();
            deferral.removeChanges(sent.fromId(), sent.toId());
        } else if (update instanceof StateUpdate.DeferredDeletesSent sent) {
            deferral.removeDeletes(sent.fromId(), sent.toId());
        } else {
            return false;
        }
        return true;
    }

    private void writeDeferred() throws SQLException {
        if (!deferred.isEmpty()) {
            deferral.addChanges(deferred);
            deferred.clear();
        }
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
                    StoredValues.text(deferred.since()));
        } else if (update instanceof StateUpdate.RereadStarted read) {
            String at = StoredValues.text(read.at());
            statements.runForEach(
                    "UPDATE deferred SET since = ? WHERE row_key = ?",
                    read.keys().stream()
                            .map(key -> new Object[] {at, StoredValues.bytes(key)})
                            .toList());
        } else if (update instanceof StateUpdate.RereadDone reread) {
            statements.run("DELETE FROM deferred WHERE id BETWEEN ? AND ?", reread.fromId(), reread.toId());
        } else if (update instanceof StateUpdate.SearchRequested search) {
            statements.run(
                    "INSERT OR REPLACE INTO search (watch, matched, since) VALUES (?1, ?2,"
                            + " coalesce((SELECT since FROM search WHERE watch = ?1 AND matched = ?2), ?3))",
                    search.change().watch(),
                    Searches.matched(search.change()),
                    StoredValues.text(search.since()));
        } else if (update instanceof StateUpdate.SearchDone done) {
            statements.run("DELETE FROM search WHERE id = ?", done.id());
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
}
