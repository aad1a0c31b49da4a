package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.state.StateUpdate.Delivered;
import ai.flameup.sync.state.StateUpdate.Gone;
import ai.flameup.sync.state.StateUpdate.Identified;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the answers of the API do to the dead letters, within a transaction that is open already. Lives as long as that.
 */
final class DeadLetterUpdates {
    /** What is told of a letter whose row has been deleted. */
    static final String ROW_IS_GONE = "its row is gone; discard it";

    private static final String FOUND =
            "SELECT id, coalesce(retry_id, 0), row_key IS NOT NULL, user_id = '' FROM dead_letter WHERE ";

    private final Statements statements;
    private final RetryTable retries;
    private boolean anyLetters;
    private boolean anySettled;
    private @Nullable Position rekeyed;

    DeadLetterUpdates(Statements statements, RetryTable retries) throws SQLException {
        this.statements = statements;
        this.retries = retries;
        // Asked here and not remembered: another process may have discarded them.
        this.anyLetters = statements
                .one("SELECT EXISTS (SELECT 1 FROM dead_letter)", row -> row.getBoolean(1))
                .orElseThrow();
    }

    void deliver(Delivered delivered) throws SQLException {
        Optional<Found> found = ofPerson(delivered.userId());
        if (found.isEmpty()) {
            return;
        }
        Found letter = found.get();
        if (delivered.whole()) {
            drop(letter);
            if (letter.underRetry()) {
                retries.addDelivered(letter.retry());
            }
        } else if (!letter.underRetry() && letter.hasKey()) {
            long retry = retries.automatic();
            statements.runForOne("UPDATE dead_letter SET retry_id = ? WHERE id = ?", retry, letter.id());
            retries.reopen(retry, 1);
        }
    }

    void park(DeadLetter letter) throws SQLException {
        byte[] key = StoredValues.bytes(letter.key());
        Optional<Found> before = letter.userId().isEmpty() ? ofRow(key) : ofPerson(letter.userId());
        if (before.isPresent() && before.get().underRetry()) {
            retries.addRefused(before.get().retry(), 1);
            anySettled = true;
        }
        String replace = " DO UPDATE SET row_key = excluded.row_key, status = excluded.status,"
                + " reason = excluded.reason, request_id = excluded.request_id, parked_at = excluded.parked_at,"
                + " attempts = excluded.attempts, retry_id = NULL";
        statements.runForOne(
                "INSERT INTO dead_letter (user_id, row_key, status, reason, request_id, parked_at, attempts)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (user_id) WHERE user_id <> ''" + replace
                        + " ON CONFLICT (row_key) WHERE user_id = ''" + replace,
                letter.userId(),
                key,
                letter.status(),
                letter.reason(),
                letter.requestId(),
                letter.at().toString(),
                letter.attempts());
        anyLetters = true;
    }

    void rowIsGone(Gone gone) throws SQLException {
        Optional<Found> letter = ofId(gone.letterId());
        if (letter.isPresent() && letter.get().underRetry()) {
            statements.runForOne(
                    "UPDATE dead_letter SET status = 0, reason = ?, request_id = NULL, retry_id = NULL WHERE id = ?",
                    ROW_IS_GONE,
                    gone.letterId());
            retries.addGone(letter.get().retry());
            anySettled = true;
        }
    }

    void identify(Identified identified) throws SQLException {
        Optional<Found> letter = ofId(identified.letterId());
        if (letter.isEmpty() || !letter.get().nameless()) {
            return;
        }
        if (ofPerson(identified.userId()).isEmpty()) {
            statements.runForOne(
                    "UPDATE dead_letter SET user_id = ? WHERE id = ?", identified.userId(), identified.letterId());
        } else {
            drop(letter.get());
            if (letter.get().underRetry()) {
                retries.addGone(letter.get().retry());
            }
        }
    }

    /** A letter without a person gives way to one that the row has under its new key already: that is of a newer state. */
    void rekey(StateUpdate.Rekeyed change) throws SQLException {
        boolean stored = isStored(change.at());
        if (!anyLetters) {
            return;
        }
        byte[] to = StoredValues.bytes(change.to());
        List<Dated> letters = statements.all(
                "SELECT id, parked_at FROM dead_letter WHERE row_key = ?",
                row -> new Dated(row.getLong(1), Instant.parse(row.getString(2))),
                StoredValues.bytes(change.from()));
        for (Dated one : letters) {
            if (stored && one.parkedAt.isBefore(change.started())) {
                continue;
            }
            Found letter = ofId(one.id).orElseThrow();
            if (letter.nameless() && ofRow(to).isPresent()) {
                drop(letter);
                if (letter.underRetry()) {
                    retries.addGone(letter.retry());
                }
            } else {
                statements.runForOne("UPDATE dead_letter SET row_key = ? WHERE id = ?", to, one.id);
            }
        }
    }

    private record Dated(long id, Instant parkedAt) {}

    /** Whether an earlier run has stored the change of a key; from now on it is stored. */
    private boolean isStored(Position change) throws SQLException {
        if (rekeyed == null) {
            rekeyed = statements
                    .one(
                            "SELECT rekeyed_lsn, rekeyed_ordinal FROM identity WHERE rekeyed_lsn IS NOT NULL",
                            row -> new Position(Lsn.parse(row.getString(1)), row.getLong(2)))
                    .orElse(null);
        }
        if (rekeyed != null && change.compareTo(rekeyed) <= 0) {
            return true;
        }
        statements.runForOne(
                "UPDATE identity SET rekeyed_lsn = ?, rekeyed_ordinal = ?",
                change.resumeAt().toString(),
                change.ordinal());
        rekeyed = change;
        return false;
    }

    /** To be called before the commit. */
    void finish() throws SQLException {
        if (anySettled) {
            retries.endSettled();
        }
    }

    private void drop(Found letter) throws SQLException {
        statements.runForOne("DELETE FROM dead_letter WHERE id = ?", letter.id());
        anySettled |= letter.underRetry();
    }

    private Optional<Found> ofPerson(String userId) throws SQLException {
        return found("user_id = ? AND user_id <> ''", userId);
    }

    private Optional<Found> ofRow(byte @Nullable [] key) throws SQLException {
        return key == null ? Optional.empty() : found("row_key = ? AND user_id = ''", key);
    }

    private Optional<Found> ofId(long id) throws SQLException {
        return found("id = ?", id);
    }

    private Optional<Found> found(String condition, Object value) throws SQLException {
        return anyLetters ? statements.one(FOUND + condition, Found::read, value) : Optional.empty();
    }

    /** @param retry 0 where it is under none */
    private record Found(long id, long retry, boolean hasKey, boolean nameless) {
        static Found read(ResultSet row) throws SQLException {
            return new Found(row.getLong(1), row.getLong(2), row.getBoolean(3), row.getBoolean(4));
        }

        boolean underRetry() {
            return retry != 0;
        }
    }
}
