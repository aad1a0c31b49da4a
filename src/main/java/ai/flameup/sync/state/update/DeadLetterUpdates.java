package ai.flameup.sync.state.update;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.RetryTable;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoredValues;
import ai.flameup.sync.state.update.StateUpdate.Delivered;
import ai.flameup.sync.state.update.StateUpdate.Gone;
import ai.flameup.sync.state.update.StateUpdate.Identified;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Applies updates to dead letters and retries within an open transaction, and is used for that transaction only. */
final class DeadLetterUpdates {
    /** The reason of a letter whose row was deleted. */
    static final String ROW_IS_GONE = "its row is gone; discard it";

    private static final String FOUND =
            "SELECT id, coalesce(retry_id, 0), row_key IS NOT NULL, user_id = '' FROM dead_letter WHERE ";

    private final Statements statements;
    private final RetryTable retries;
    private final LetterLog log;
    private boolean anyLetters;
    private boolean anySettled;
    private @Nullable Position rekeyed;

    DeadLetterUpdates(Statements statements, RetryTable retries, LetterLog log) throws SQLException {
        this.statements = statements;
        this.retries = retries;
        this.log = log;
        log.begin();
        // Queried for each transaction, because another process may have discarded them.
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
            log.delivered(letter.id(), delivered.userId());
            if (letter.isUnderRetry()) {
                retries.addDelivered(letter.retry());
            }
        } else if (!letter.isUnderRetry() && letter.hasKey()) {
            long retry = retries.automatic();
            statements.runForOne("UPDATE dead_letter SET retry_id = ? WHERE id = ?", retry, letter.id());
            retries.reopen(retry, 1);
        }
    }

    void park(DeadLetter letter) throws SQLException {
        byte[] key = StoredValues.bytes(letter.key());
        Optional<Found> before = letter.userId().isEmpty() ? ofRow(key) : ofPerson(letter.userId());
        if (before.isPresent()) {
            log.refusedAgain(before.get().id(), letter.userId());
            if (before.get().isUnderRetry()) {
                retries.addRefused(before.get().retry(), 1);
                anySettled = true;
            }
        }
        String replace = " DO UPDATE SET row_key = excluded.row_key, status = excluded.status,"
                + " reason = excluded.reason, request_id = excluded.request_id, parked_at = excluded.parked_at,"
                + " attempts = attempts + excluded.attempts, retry_id = NULL";
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
                StoredValues.text(letter.at()),
                letter.attempts());
        anyLetters = true;
    }

    void rowIsGone(Gone gone) throws SQLException {
        Optional<Found> letter = ofId(gone.letterId());
        if (letter.isPresent() && letter.get().isUnderRetry()) {
            statements.runForOne(
                    "UPDATE dead_letter SET status = " + DeadLetter.NOT_SENT
                            + ", reason = ?, request_id = NULL, retry_id = NULL WHERE id = ?",
                    ROW_IS_GONE,
                    gone.letterId());
            retries.addGone(letter.get().retry());
            anySettled = true;
        }
    }

    void identify(Identified identified) throws SQLException {
        Optional<Found> letter = ofId(identified.letterId());
        if (letter.isEmpty() || !letter.get().hasNoPerson()) {
            return;
        }
        if (ofPerson(identified.userId()).isEmpty()) {
            statements.runForOne(
                    "UPDATE dead_letter SET user_id = ? WHERE id = ?", identified.userId(), identified.letterId());
        } else {
            drop(letter.get());
            if (letter.get().isUnderRetry()) {
                retries.addGone(letter.get().retry());
            }
        }
    }

    /** If the row already has a letter under its new key, that letter is newer and replaces one without a person. */
    void rekey(StateUpdate.Rekeyed change) throws SQLException {
        boolean stored = wasStored(change.at());
        if (!anyLetters) {
            return;
        }
        byte[] to = StoredValues.bytes(change.to());
        List<Letter> letters = statements.all(
                "SELECT id, parked_at FROM dead_letter WHERE row_key = ?",
                row -> new Letter(row.getLong(1), Instant.parse(row.getString(2))),
                StoredValues.bytes(change.from()));
        for (Letter one : letters) {
            if (stored && one.parkedAt.isBefore(change.started())) {
                continue;
            }
            Found letter = ofId(one.id).orElseThrow();
            if (letter.hasNoPerson() && ofRow(to).isPresent()) {
                drop(letter);
                if (letter.isUnderRetry()) {
                    retries.addGone(letter.retry());
                }
            } else {
                statements.runForOne("UPDATE dead_letter SET row_key = ? WHERE id = ?", to, one.id);
            }
        }
    }

    private record Letter(long id, Instant parkedAt) {}

    /** Returns whether an earlier run has stored this change of a key, and stores it. */
    private boolean wasStored(Position change) throws SQLException {
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
        if (anySettled && retries.endSettled() > 0) {
            log.retryEnded();
        }
    }

    private void drop(Found letter) throws SQLException {
        statements.runForOne("DELETE FROM dead_letter WHERE id = ?", letter.id());
        anySettled |= letter.isUnderRetry();
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

    /** @param retry the retry that includes it; 0 for none */
    private record Found(long id, long retry, boolean hasKey, boolean hasNoPerson) {
        static Found read(ResultSet row) throws SQLException {
            return new Found(row.getLong(1), row.getLong(2), row.getBoolean(3), row.getBoolean(4));
        }

        boolean isUnderRetry() {
            return retry != 0;
        }
    }
}
