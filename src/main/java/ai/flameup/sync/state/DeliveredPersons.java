package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.ledger.LedgerHashes;
import ai.flameup.sync.state.ledger.LedgerReader;
import ai.flameup.sync.state.ledger.LedgerTable;
import ai.flameup.sync.state.pending.DeferralTable;
import ai.flameup.sync.state.pending.RetryTable;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The delivery ledger of a {@link StateStore}, and what else it stores under a person. Thread-safe, and for several processes,
 * as the store is; throws what the store throws.
 */
public final class DeliveredPersons {
    private final Path file;
    private final StoreConnection connection;

    DeliveredPersons(Path file, StoreConnection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** The hashes of addresses and states in this store. */
    public LedgerHashes hashes() {
        return new LedgerHashes(
                connection.one("SELECT key FROM secret", row -> row.getBytes(1)).orElseThrow());
    }

    /** Opens a separate connection to the ledger, for one thread. To be closed before the store. */
    public LedgerReader ledger() {
        return new LedgerReader(file, connection.faults());
    }

    /** Forgets every person. Only for a store without a position, from which nothing was delivered. */
    public void clear() {
        connection.change(() -> {
            connection.statements().run("DELETE FROM further_address");
            connection.statements().run("DELETE FROM ledger");
        });
    }

    /**
     * Records that persons may hold addresses at Flameup. Persons whom the ledger has already do not change.
     *
     * @param addresses of the persons, by user id
     */
    public void addHolders(Map<String, String> addresses) {
        LedgerHashes hashes = hashes();
        connection.change(() -> new LedgerTable(connection.statements()).addHolders(addresses, hashes::ofAddress));
    }

    /** The number of persons who may hold an address that another person may hold as well. Reads an entry of each person. */
    public long sharing() {
        return connection
                .one(
                        "SELECT coalesce(sum(persons), 0) FROM (SELECT count(*) AS persons FROM ledger"
                                + " WHERE address IS NOT NULL GROUP BY address HAVING count(*) > 1)",
                        row -> row.getLong(1))
                .orElseThrow();
    }

    /** Whether the row is to be read again, because a change was not sent or did not carry all of it. */
    public boolean isDeferred(RowKey key) {
        return connection
                .read(() -> connection
                        .statements()
                        .one(
                                "SELECT 1 FROM deferred WHERE row_key = ?1"
                                        + " UNION ALL SELECT 1 FROM deferred_change WHERE row_key = ?1",
                                row -> true,
                                StoredValues.bytes(key)))
                .isPresent();
    }

    /** Whether a delete of the person was deferred. */
    public boolean isDeleteDeferred(String userId) {
        return connection
                .read(() -> connection
                        .statements()
                        .one("SELECT 1 FROM deferred_delete WHERE user_id = ?", row -> true, userId))
                .isPresent();
    }

    /** The ids of the person's dead letters, oldest first. */
    public List<Long> deadLetters(String userId) {
        return connection.read(() -> connection
                .statements()
                .all("SELECT id FROM dead_letter WHERE user_id = ? ORDER BY id", row -> row.getLong(1), userId));
    }

    /**
     * How much was removed.
     *
     * @param entries of the ledger: 0 or 1
     * @param keys of deferred rows
     */
    public record Forgotten(int entries, int deadLetters, int keys) {
        public boolean isAnything() {
            return entries + deadLetters + keys > 0;
        }
    }

    /**
     * Removes everything that is stored under a person, and overwrites it in the file.
     *
     * @param keys the primary keys that the person's row is known to have had
     * @param rewrites whether to rewrite the file, which removes older copies of the same bytes as well. Only if no other
     *     process uses the store: it would be locked for that time
     */
    public Forgotten forget(String userId, Collection<RowKey> keys, boolean rewrites) {
        connection.read(() -> connection.statements().all("PRAGMA secure_delete = ON", row -> true));
        Forgotten forgotten = connection.write(() -> {
            Statements statements = connection.statements();
            statements.run(
                    "UPDATE retry SET gone = gone + (SELECT count(*) FROM dead_letter WHERE retry_id = retry.id AND user_id = ?1)"
                            + " WHERE id IN (SELECT retry_id FROM dead_letter WHERE user_id = ?1)",
                    userId);
            int letters = statements.run("DELETE FROM dead_letter WHERE user_id = ?", userId);
            new RetryTable(statements).endSettled();
            DeferralTable deferral = new DeferralTable(statements);
            int rows = deferral.removeDelete(userId);
            for (RowKey key : keys) {
                rows += statements.run("DELETE FROM deferred WHERE row_key = ?", StoredValues.bytes(key))
                        + deferral.removeChange(key);
            }
            deferral.finish();
            return new Forgotten(new LedgerTable(statements).remove(userId), letters, rows);
        });
        if (rewrites && forgotten.isAnything()) {
            // SQLite leaves copies of rows behind when it moves them between pages.
            connection.read(() -> connection.statements().run("VACUUM"));
        }
        // Otherwise the old pages remain in the log until the next checkpoint.
        connection.read(() -> connection.statements().all("PRAGMA wal_checkpoint(TRUNCATE)", row -> true));
        return forgotten;
    }
}
