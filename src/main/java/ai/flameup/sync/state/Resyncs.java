package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests to begin anew, of a {@link StateStore}, and the beginning anew itself. Thread-safe, and for several
 * processes, as the store is; throws what the store throws.
 */
public final class Resyncs {
    private final StoreConnection connection;
    private final Statements statements;

    Resyncs(StoreConnection connection) {
        this.connection = connection;
        this.statements = connection.statements();
    }

    /**
     * Asks for one. Where one is asked for already, that is the one, as if it had been asked for now.
     *
     * @param source as {@link Identity#source()} tells it
     * @param gap why a run asks for it; null where somebody does
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

    /** The one that is asked for and has not been begun. To be asked every second. */
    public Optional<Resync> open() {
        return connection.read(() -> statements.one("SELECT * FROM resync WHERE done_at IS NULL", Resyncs::resync));
    }

    /** As if it had not been asked for; what has begun stays. */
    public void withdraw(long id) {
        connection.write(() -> statements.run("DELETE FROM resync WHERE id = ? AND done_at IS NULL", id));
    }

    /** Empty where it was withdrawn. */
    public Optional<Resync> one(long id) {
        return connection.read(() -> statements.one("SELECT * FROM resync WHERE id = ?", Resyncs::resync, id));
    }

    /** When a run last asked for one because of a gap. */
    public Optional<Instant> lastBecauseOfGap() {
        return connection.read(() -> statements.one(
                "SELECT requested_at FROM resync WHERE gap IS NOT NULL ORDER BY id DESC LIMIT 1",
                row -> Instant.parse(row.getString(1))));
    }

    /**
     * Makes the store that of a source as it is from now on, all at once: its position, its publication and its table, with
     * a backfill of every row. Whatever else was to be read of the table that one reads as well, so open backfills give
     * way to it. Rows that are to be read again stay so; of another table they are none. What is known of the destination
     * stays: dead letters, and the addresses that persons hold.
     *
     * @param identity of the same destination
     * @param position where the stream begins; it may lie before the present one
     * @return the backfill
     */
    public Backfill begin(Resync resync, Identity identity, String publication, String tableVersion, Lsn position) {
        BackfillTable backfills = new BackfillTable(statements);
        return connection
                .write(() -> {
                    for (Backfill open : backfills.open()) {
                        backfills.end(
                                open.id(),
                                Backfill.State.CANCELLED,
                                Instant.now(),
                                "a resync brings every row of the table");
                    }
                    statements.run(
                            "DELETE FROM deferred WHERE (SELECT table_name FROM identity) <> ?", identity.table());
                    statements.runForOne(
                            "UPDATE identity SET system_identifier = ?, timeline = ?, database_name = ?, table_name = ?, slot = ?,"
                                    + " publication = ?, table_version = ?, gap = NULL, witness = NULL,"
                                    + " rekeyed_lsn = NULL, rekeyed_ordinal = NULL",
                            identity.server().systemIdentifier(),
                            identity.server().timeline(),
                            identity.database(),
                            identity.table(),
                            identity.slot(),
                            publication,
                            tableVersion);
                    statements.runForOne("UPDATE position SET lsn = ?", position.toString());
                    long id = backfills.add(
                            Backfill.Kind.RELOAD,
                            Backfill.State.QUEUED,
                            null,
                            resync.requested().by());
                    statements.runForOne(
                            "UPDATE resync SET backfill_id = ?, done_at = ? WHERE id = ? AND done_at IS NULL",
                            id,
                            StoredValues.now(),
                            resync.id());
                    return backfills.one(id);
                })
                .orElseThrow();
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
