package ai.flameup.sync.state.pending;

import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The table of dead letters, for operators. Methods that change something need a transaction. */
final class DeadLetterTable {
    private final Statements statements;
    private final RetryTable retries;

    DeadLetterTable(Statements statements, RetryTable retries) {
        this.statements = statements;
        this.retries = retries;
    }

    long count() throws SQLException {
        return statements
                .one("SELECT count(*) FROM dead_letter", row -> row.getLong(1))
                .orElseThrow();
    }

    SortedMap<Integer, Long> byStatus() throws SQLException {
        SortedMap<Integer, Long> counts = new TreeMap<>();
        statements
                .all(
                        // Earlier versions stored 0 also if no request was made.
                        "SELECT iif(status = 0 AND attempts = 0, " + DeadLetter.NOT_SENT + ", status) AS last, count(*)"
                                + " FROM dead_letter GROUP BY last",
                        row -> Map.entry(row.getInt(1), row.getLong(2)))
                .forEach(one -> counts.put(one.getKey(), one.getValue()));
        return counts;
    }

    Optional<DeadLetter> one(long id) throws SQLException {
        return statements.one("SELECT * FROM dead_letter WHERE id = ?", DeadLetterTable::letter, id);
    }

    List<DeadLetter> page(long afterId, int limit) throws SQLException {
        return statements.all(
                "SELECT * FROM dead_letter WHERE id > ? ORDER BY id LIMIT ?", DeadLetterTable::letter, afterId, limit);
    }

    List<DeadLetter> pageUnderRetry(long afterId, int limit) throws SQLException {
        return statements.all(
                "SELECT * FROM dead_letter WHERE id > ? AND retry_id IS NOT NULL AND row_key IS NOT NULL"
                        + " ORDER BY id LIMIT ?",
                DeadLetterTable::letter,
                afterId,
                limit);
    }

    List<Long> ids(long afterId, long upTo, int limit) throws SQLException {
        return statements.all(
                "SELECT id FROM dead_letter WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
                row -> row.getLong(1),
                afterId,
                upTo,
                limit);
    }

    /** Returns 0 if there is none. */
    long newestId() throws SQLException {
        return statements
                .one("SELECT coalesce(max(id), 0) FROM dead_letter", row -> row.getLong(1))
                .orElseThrow();
    }

    int discard(Set<Long> ids) throws SQLException {
        int discarded = 0;
        for (long id : ids) {
            statements.run(
                    "UPDATE retry SET gone = gone + 1 WHERE id = (SELECT retry_id FROM dead_letter WHERE id = ?)", id);
            discarded += statements.run("DELETE FROM dead_letter WHERE id = ?", id);
        }
        retries.endSettled();
        return discarded;
    }

    /** Returns a retry without letters, which has ended. */
    Retry newRetry(String by) throws SQLException {
        return addToRetry(retries.add(by), Set.of());
    }

    Retry addToRetry(long retry, Set<Long> ids) throws SQLException {
        long asked = 0;
        long refused = 0;
        for (long id : ids) {
            statements.run(
                    "UPDATE retry SET asked = asked - 1 WHERE id = (SELECT retry_id FROM dead_letter WHERE id = ?)",
                    id);
            int added = statements.run(
                    "UPDATE dead_letter SET retry_id = ? WHERE id = ? AND row_key IS NOT NULL", retry, id);
            if (added == 1) {
                asked++;
            } else if (one(id).isPresent()) {
                asked++;
                refused++;
            }
        }
        retries.reopen(retry, asked);
        retries.addRefused(retry, refused);
        retries.endSettled();
        return retries.one(retry).orElseThrow();
    }

    private static DeadLetter letter(ResultSet row) throws SQLException {
        int status = row.getInt("status");
        int attempts = row.getInt("attempts");
        return new DeadLetter(
                row.getLong("id"),
                row.getString("user_id"),
                StoredValues.key(row.getBytes("row_key")),
                new DeadLetter.Refusal(
                        status == 0 && attempts == 0 ? DeadLetter.NOT_SENT : status,
                        row.getString("reason"),
                        row.getString("request_id"),
                        attempts),
                Instant.parse(row.getString("parked_at")));
    }
}
