package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.BackfillTable;
import ai.flameup.sync.state.pending.DeferralTable;
import ai.flameup.sync.state.pending.Requested;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The resyncs of a {@link StateStore}: the requests, and their execution. Thread-safe, and for several processes, as the
 * store is; throws what the store throws.
 */
public final class Resyncs {
    private final StoreConnection connection;
    private final Statements statements;

    Resyncs(StoreConnection connection) {
        this.connection = connection;
        this.statements = connection.statements();
    }

    /**
     * Requests a resync. If one is requested already, it is updated and returned.
     *
     * @param source as {@link Identity#source()}
     * @param gap the gap because of which a run requests it; null if an operator does
     * @param by user@host
     */
    public Resync request(String source, @Nullable String gap, String by) {
        return connection
                .write(() -> {
                    int renewed = statements.run(
                            "UPDATE resync SET source = ?, requested_at = ?, requested_by = ? WHERE done_at IS NULL",
                            source,
                            StoredValues.now(),
                            by);
                    if (renewed == 0) {
                        statements.runForOne(
                                "INSERT INTO resync (source, gap, requested_at, requested_by) VALUES (?, ?, ?, ?)",
                                source,
                                gap,
                                StoredValues.now(),
                                by);
                    }
                    return statements.one("SELECT * FROM resync WHERE done_at IS NULL", Resyncs::resync);
                })
                .orElseThrow();
    }

    /** The resync that is requested and not done. May be called every second. */
    public Optional<Resync> open() {
        return connection.read(() -> statements.one("SELECT * FROM resync WHERE done_at IS NULL", Resyncs::resync));
    }

    /** Withdraws a request. A resync that is done stays. */
    public void withdraw(long id) {
        connection.write(() -> statements.run("DELETE FROM resync WHERE id = ? AND done_at IS NULL", id));
    }

    /** Empty if it was withdrawn. */
    public Optional<Resync> one(long id) {
        return connection.read(() -> statements.one("SELECT * FROM resync WHERE id = ?", Resyncs::resync, id));
    }

    /** When a run last requested a resync because of a gap. */
    public Optional<Instant> lastBecauseOfGap() {
        return connection.read(() -> statements.one(
                "SELECT requested_at FROM resync WHERE gap IS NOT NULL ORDER BY id DESC LIMIT 1",
                row -> Instant.parse(row.getString(1))));
    }

    /**
     * Executes a resync in one transaction: sets the source, its position and publication, and queues a backfill of
     * every row. Open backfills are cancelled, because that one reads their rows as well. Deferred rows stay, unless the
     * table is another one. Dead letters and the addresses in the ledger stay, because the destination is the same. What the
     * ledger knows of accepted states is void, because positions of another server cannot be compared.
     *
     * @param identity with the same destination
     * @param position where the stream begins; it may be before the present one
     * @param marksGone whether delivered persons are marked whose rows are gone
     * @return the backfill
     */
    public Backfill begin(Resync resync, Identity identity, String publication, Lsn position, boolean marksGone) {
        BackfillTable backfills = new BackfillTable(statements);
        return connection
                .write(() -> {
                    for (Backfill open : backfills.open()) {
                        backfills.end(
                                open.id(),
                                Backfill.State.CANCELLED,
                                Instant.now(),
                                "a resync sends every row of the table");
                    }
                    forgetKeysOfOther(identity.table());
                    statements.runForOne(
                            "UPDATE identity SET system_identifier = ?, timeline = ?, database_name = ?, table_name = ?, slot = ?,"
                                    + " publication = ?, gap = NULL, witness = NULL,"
                                    + " rekeyed_lsn = NULL, rekeyed_ordinal = NULL,"
                                    + " ledger_generation = ledger_generation + 1",
                            identity.server().systemIdentifier(),
                            identity.server().timeline(),
                            identity.database(),
                            identity.table(),
                            identity.slot(),
                            publication);
                    statements.runForOne("UPDATE position SET lsn = ?", position.toString());
                    statements.runForOne("UPDATE deferral SET dropped_until = NULL");
                    long id = backfills.add(
                            new Backfill.Scope(Backfill.Kind.RELOAD, null, false),
                            Backfill.State.QUEUED,
                            resync.requested().by());
                    if (marksGone) {
                        backfills.add(
                                new Backfill.Scope(Backfill.Kind.GONE, null, true),
                                Backfill.State.QUEUED,
                                resync.requested().by());
                    }
                    statements.runForOne(
                            "UPDATE resync SET backfill_id = ?, done_at = ? WHERE id = ? AND done_at IS NULL",
                            id,
                            StoredValues.now(),
                            resync.id());
                    return backfills.one(id);
                })
                .orElseThrow();
    }

    private void forgetKeysOfOther(String table) throws SQLException {
        boolean isOther = statements
                .one("SELECT 1 FROM identity WHERE table_name <> ?", row -> true, table)
                .isPresent();
        if (isOther) {
            statements.run("DELETE FROM deferred");
            statements.run("DELETE FROM search");
            DeferralTable deferral = new DeferralTable(statements);
            deferral.removeAllChanges();
            deferral.removeAllDeletes();
            deferral.finish();
        }
    }

    private static Resync resync(ResultSet row) throws SQLException {
        return new Resync(
                row.getLong("id"),
                row.getString("source"),
                row.getString("gap"),
                new Requested(Instant.parse(row.getString("requested_at")), row.getString("requested_by")),
                StoredValues.number(row, "backfill_id"));
    }
}
