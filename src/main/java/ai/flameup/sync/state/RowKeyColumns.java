package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.pending.BackfillTable;
import ai.flameup.sync.state.pending.DeferralTable;
import ai.flameup.sync.state.pending.RetryTable;
import ai.flameup.sync.state.sqlite.Statements;
import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The row keys in a {@link StateStore}, which all have the same columns. Thread-safe, and for several processes, as the
 * store is; throws what the store throws.
 */
public final class RowKeyColumns {
    private static final int KEYS_PER_CONVERSION = 500;
    private static final String CHANGED = "the primary key of the table was changed; request the backfill again";
    private static final String REQUESTER = "flameup-sync, the primary key was changed";

    private final StoreConnection connection;
    private final Statements statements;

    RowKeyColumns(StoreConnection connection) {
        this.connection = connection;
        this.statements = connection.statements();
    }

    /**
     * The columns of a primary key.
     *
     * @param ids the identifier of each column in the catalog; a rename does not change it
     */
    public record Columns(List<String> names, List<String> ids) {}

    /** Finds the keys that rows have in other columns. */
    public interface Conversion {
        /**
         * @return the new keys for each key that has rows; keys without rows are left out
         * @throws RuntimeException if it fails; then nothing is changed
         */
        Map<RowKey, List<RowKey>> convert(List<RowKey> keys);
    }

    /**
     * The result for the keys.
     *
     * @param kept deferred rows and dead letters that now have keys of the new columns
     * @param dropped deferred rows that were deleted
     * @param letters dead letters that no longer have a row key
     * @param backfills that were restarted, or failed
     * @param queued the backfill of every row that replaces the dropped keys; null if there is none
     */
    public record Changed(
            long kept,
            long dropped,
            long letters,
            long backfills,
            @Nullable Long queued) {
        public boolean isAnything() {
            return kept + dropped + letters + backfills > 0;
        }
    }

    /** The columns of every key; empty until they are known. */
    public Optional<Columns> columns() {
        return connection.read(() -> statements.one(
                "SELECT key_columns, key_column_ids FROM identity WHERE key_columns IS NOT NULL",
                row -> new Columns(
                        StoredValues.requiredKey(row.getBytes(1)).values(),
                        StoredValues.requiredKey(row.getBytes(2)).values())));
    }

    /** Sets the columns. The keys that are already in the store must have the same ones. */
    public void columns(Columns columns) {
        connection.change(() -> setColumns(columns));
    }

    private void setColumns(Columns columns) throws SQLException {
        statements.runForOne(
                "UPDATE identity SET key_columns = ?, key_column_ids = ?",
                StoredValues.bytes(RowKey.of(columns.names())),
                StoredValues.bytes(RowKey.of(columns.ids())));
    }

    /** Whether every key in the store has this number of columns. An older version did not store the columns. */
    public boolean areOfSize(int columns) {
        return connection
                .read(() -> statements.all(
                        "SELECT row_key FROM deferred"
                                + " UNION ALL SELECT row_key FROM (SELECT row_key FROM deferred_change LIMIT 1)"
                                + " UNION ALL SELECT row_key FROM dead_letter WHERE row_key IS NOT NULL"
                                + " UNION ALL SELECT last_key FROM backfill WHERE ended_at IS NULL"
                                + " AND last_key IS NOT NULL AND kind NOT IN ('WHERE', 'IDS')"
                                + " UNION ALL SELECT row_key FROM backfill_key WHERE ordinal = 1"
                                + " AND backfill_id IN (SELECT id FROM backfill WHERE ended_at IS NULL)",
                        row -> StoredValues.requiredKey(row.getBytes(1))
                                .values()
                                .size()))
                .stream()
                .allMatch(size -> size == columns);
    }

    /**
     * Changes the columns of all keys in one transaction. The keys of deferred rows and dead letters are converted, or
     * dropped. If the key of a deferred row is dropped, a backfill of every row is queued, unless a load reads every row
     * anyway. Backfills of a condition and of the whole table restart; a backfill of named rows fails.
     *
     * <p>The store is not locked during the conversion, which may take long. So nothing else may write these keys meanwhile.
     */
    public Changed change(Columns columns, Conversion conversion) {
        List<Converted> deferred = converted(
                conversion,
                connection.read(() -> statements.all(
                        "SELECT id, row_key, since FROM deferred ORDER BY id",
                        row -> new Entry(
                                row.getLong(1), StoredValues.requiredKey(row.getBytes(2)), row.getString(3)))));
        List<Converted> letters = converted(
                conversion,
                connection.read(() -> statements.all(
                        "SELECT id, row_key FROM dead_letter WHERE row_key IS NOT NULL ORDER BY id",
                        row -> new Entry(row.getLong(1), StoredValues.requiredKey(row.getBytes(2)), ""))));
        return connection.write(() -> {
            DeferralTable deferral = new DeferralTable(statements);
            // Not converted: there may be millions, and the backfill that is queued in their place reads every row as
            // well.
            long changes = deferral.removeAllChanges();
            deferral.finish();
            long dropped = defer(deferred) + changes;
            long forgotten = move(letters);
            long backfills = backfills();
            Long queued = dropped > 0 ? queue() : null;
            setColumns(columns);
            long kept = deferred.size() + changes - dropped + letters.size() - forgotten;
            return new Changed(kept, dropped, forgotten, backfills, queued);
        });
    }

    private record Entry(long id, RowKey key, String since) {}

    private record Converted(Entry entry, List<RowKey> keys) {}

    private static List<Converted> converted(Conversion conversion, List<Entry> entries) {
        List<Converted> converted = new ArrayList<>(entries.size());
        for (int from = 0; from < entries.size(); from += KEYS_PER_CONVERSION) {
            List<Entry> page = entries.subList(from, Math.min(entries.size(), from + KEYS_PER_CONVERSION));
            Map<RowKey, List<RowKey>> found =
                    conversion.convert(page.stream().map(Entry::key).toList());
            page.forEach(entry -> converted.add(new Converted(entry, found.getOrDefault(entry.key, List.of()))));
        }
        return converted;
    }

    /** Returns how many were dropped. */
    private long defer(List<Converted> deferred) throws SQLException {
        // All before the first insert, because a new key may equal the old key of another row.
        statements.runForEach(
                "DELETE FROM deferred WHERE id = ?",
                deferred.stream().map(one -> new Object[] {one.entry.id}).toList());
        for (Converted one : deferred) {
            for (RowKey key : one.keys) {
                statements.run(
                        "INSERT INTO deferred (row_key, since) VALUES (?, ?)"
                                + " ON CONFLICT (row_key) DO UPDATE SET since = min(since, excluded.since)",
                        StoredValues.bytes(key),
                        one.entry.since);
            }
        }
        return deferred.stream().filter(one -> one.keys.isEmpty()).count();
    }

    /** Returns how many letters no longer have a key. */
    private long move(List<Converted> letters) throws SQLException {
        // Of the letters without a person only one may have a given key, and a new key may equal the old key of another
        // letter. The key of a letter under a retry cannot be null, so it gets a random one first.
        statements.runForEach(
                "UPDATE dead_letter SET row_key = randomblob(16) WHERE id = ?",
                letters.stream().map(one -> new Object[] {one.entry.id}).toList());
        long forgotten = 0;
        for (Converted one : letters) {
            if (one.keys.isEmpty()
                    || statements.run(
                                    "UPDATE OR IGNORE dead_letter SET row_key = ? WHERE id = ?",
                                    StoredValues.bytes(one.keys.get(0)),
                                    one.entry.id)
                            == 0) {
                forget(one.entry);
                forgotten++;
            }
        }
        new RetryTable(statements).endSettled();
        return forgotten;
    }

    private void forget(Entry letter) throws SQLException {
        statements.run(
                "UPDATE retry SET refused = refused + 1 WHERE id = (SELECT retry_id FROM dead_letter WHERE id = ?)",
                letter.id);
        statements.run("UPDATE dead_letter SET row_key = NULL, retry_id = NULL WHERE id = ?", letter.id);
    }

    private long backfills() throws SQLException {
        BackfillTable table = new BackfillTable(statements);
        long changed = 0;
        for (Backfill open : table.open()) {
            if (open.kind() == Backfill.Kind.IDS) {
                table.end(open.id(), State.FAILED, Instant.now(), CHANGED);
                changed++;
            } else if (open.lastKey() != null || open.keys() != null) {
                table.restart(open.id());
                changed++;
            }
        }
        return changed;
    }

    private @Nullable Long queue() throws SQLException {
        BackfillTable table = new BackfillTable(statements);
        return table.open().stream().anyMatch(open -> open.kind().isNeeded())
                ? null
                // Nothing else delivers the dropped rows, so it must not fail.
                : table.add(new Backfill.Scope(Backfill.Kind.RELOAD, null, false), State.QUEUED, REQUESTER);
    }
}
