package ai.flameup.sync.state.pending;

import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The table of requests to send dead letters again. Methods that change something need a transaction.
 *
 * <p>INVARIANT: after each transaction a retry has ended if and only if it includes no letter. So code that removes a
 * letter from a retry calls {@link #endSettled} before the commit.
 */
public final class RetryTable {
    private final Statements statements;

    public RetryTable(Statements statements) {
        this.statements = statements;
    }

    long add(String requestedBy) throws SQLException {
        return statements.insert(
                "INSERT INTO retry (requested_at, requested_by) VALUES (?, ?)", StoredValues.now(), requestedBy);
    }

    /** The open automatic retry, or a new one. Ended ones are deleted, because their number is unlimited. */
    public long automatic() throws SQLException {
        Optional<Long> open = statements.one(
                "SELECT id FROM retry WHERE ended_at IS NULL AND requested_by = ?",
                row -> row.getLong(1),
                Retry.AUTOMATIC);
        if (open.isPresent()) {
            return open.get();
        }
        statements.run("DELETE FROM retry WHERE ended_at IS NOT NULL AND requested_by = ?", Retry.AUTOMATIC);
        return add(Retry.AUTOMATIC);
    }

    /** Adds letters to a retry, which may have ended. */
    public void reopen(long id, long letters) throws SQLException {
        statements.runForOne("UPDATE retry SET asked = asked + ?, ended_at = NULL WHERE id = ?", letters, id);
    }

    public void addDelivered(long id) throws SQLException {
        statements.runForOne("UPDATE retry SET delivered = delivered + 1 WHERE id = ?", id);
    }

    public void addRefused(long id, long letters) throws SQLException {
        statements.runForOne("UPDATE retry SET refused = refused + ? WHERE id = ?", letters, id);
    }

    public void addGone(long id) throws SQLException {
        statements.runForOne("UPDATE retry SET gone = gone + 1 WHERE id = ?", id);
    }

    /** Returns how many retries have ended. */
    public int endSettled() throws SQLException {
        return statements.run(
                "UPDATE retry SET ended_at = ?"
                        + " WHERE ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM dead_letter WHERE retry_id = retry.id)",
                StoredValues.now());
    }

    Optional<Retry> one(long id) throws SQLException {
        return statements.one("SELECT * FROM retry WHERE id = ?", RetryTable::retry, id);
    }

    Optional<Retry> ofLetter(long letterId) throws SQLException {
        return statements.one(
                "SELECT * FROM retry WHERE id = (SELECT retry_id FROM dead_letter WHERE id = ?)",
                RetryTable::retry,
                letterId);
    }

    List<Retry> open() throws SQLException {
        return statements.all("SELECT * FROM retry WHERE ended_at IS NULL ORDER BY id", RetryTable::retry);
    }

    private static Retry retry(ResultSet row) throws SQLException {
        return new Retry(
                row.getLong("id"),
                new Requested(Instant.parse(row.getString("requested_at")), row.getString("requested_by")),
                new Retry.Tally(
                        row.getLong("asked"), row.getLong("delivered"), row.getLong("refused"), row.getLong("gone")),
                StoredValues.time(row.getString("ended_at")));
    }
}
