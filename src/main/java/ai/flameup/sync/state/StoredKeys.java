package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.state.Backfill.State;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The row keys in a {@link StateStore}, which are all of the same columns. Thread-safe, and for several processes, as the
 * store is; throws what the store throws.
 */
public final class StoredKeys {
    private static final int AT_ONCE = 500;
    private static final String CHANGED = "the primary key of the table was changed; ask for the backfill again";

    private final StateStore store;
    private final Statements statements;

    StoredKeys(StateStore store, Statements statements) {
        this.store = store;
        this.statements = statements;
    }

    /** Gives the keys that rows have in other columns. */
    public interface Conversion {
        /**
         * @return for each key that has rows, their keys; without the others
         * @throws RuntimeException if it fails: then nothing is changed
         */
        Map<RowKey, List<RowKey>> convert(List<RowKey> keys);
    }

    /**
     * What has become of the keys.
     *
     * @param kept rows to be read again and dead letters that have keys of the new columns
     * @param dropped rows to be read again that were taken away
     * @param letters dead letters whose row's key is not known any more
     * @param backfills that have begun again, or failed
     */
    public record Changed(long kept, long dropped, long letters, long backfills) {
        public boolean isAnything() {
            return kept + dropped + letters + backfills > 0;
        }
    }

    /** The columns of every key; empty before they are known. */
    public Optional<List<String>> columns() {
        return store.read(() -> statements.one(
                "SELECT key_columns FROM identity WHERE key_columns IS NOT NULL",
                row -> key(row.getBytes(1)).values()));
    }

    /** The keys that are in the store already are of these columns, too. */
    public void columns(List<String> names) {
        store.write(() -> {
            setColumns(names);
            return names;
        });
    }

    private void setColumns(List<String> names) throws SQLException {
        statements.runForOne("UPDATE identity SET key_columns = ?", RowKeys.bytes(RowKey.of(names)));
    }

    /**
     * From now on keys are of other columns, all at once: those of rows to be read again and of dead letters are converted,
     * or dropped. Backfills of a condition and of the whole table begin again; one of named rows fails.
     */
    public Changed change(List<String> names, Conversion conversion) {
        return store.write(() -> {
            long[] deferred = deferred(conversion);
            long[] letters = letters(conversion);
            long backfills = backfills();
            setColumns(names);
            return new Changed(deferred[0] + letters[0], deferred[1], letters[1], backfills);
        });
    }

    private record Entry(long id, RowKey key, String text, boolean isUnderRetry) {}

    private long[] deferred(Conversion conversion) throws SQLException {
        long last = number("SELECT coalesce(max(id), 0) FROM deferred");
        long kept = 0;
        long dropped = 0;
        for (List<Entry> page = deferredPage(last); !page.isEmpty(); page = deferredPage(last)) {
            Map<RowKey, List<RowKey>> found =
                    conversion.convert(page.stream().map(Entry::key).toList());
            for (Entry entry : page) {
                List<RowKey> keys = found.getOrDefault(entry.key, List.of());
                statements.run("DELETE FROM deferred WHERE id = ?", entry.id);
                for (RowKey key : keys) {
                    statements.run(
                            "INSERT OR REPLACE INTO deferred (row_key, since) VALUES (?, ?)",
                            RowKeys.bytes(key),
                            entry.text);
                }
                kept += keys.isEmpty() ? 0 : 1;
                dropped += keys.isEmpty() ? 1 : 0;
            }
        }
        return new long[] {kept, dropped};
    }

    private List<Entry> deferredPage(long last) throws SQLException {
        return statements.all(
                "SELECT id, row_key, since FROM deferred WHERE id <= ? ORDER BY id LIMIT ?",
                row -> new Entry(row.getLong(1), key(row.getBytes(2)), row.getString(3), false),
                last,
                AT_ONCE);
    }

    private long[] letters(Conversion conversion) throws SQLException {
        long kept = 0;
        long dropped = 0;
        // Set at the end: one's new key may be the same text as another's former one.
        List<Object[]> nameless = new ArrayList<>();
        for (List<Entry> page = letterPage(0); !page.isEmpty(); page = letterPage(page.get(page.size() - 1).id)) {
            Map<RowKey, List<RowKey>> found =
                    conversion.convert(page.stream().map(Entry::key).toList());
            for (Entry entry : page) {
                List<RowKey> keys = found.getOrDefault(entry.key, List.of());
                if (keys.isEmpty()) {
                    forget(entry);
                    dropped++;
                } else if (entry.text.isEmpty()) {
                    nameless.add(new Object[] {RowKeys.bytes(keys.get(0)), entry.id});
                    kept++;
                } else {
                    statements.run(
                            "UPDATE dead_letter SET row_key = ? WHERE id = ?", RowKeys.bytes(keys.get(0)), entry.id);
                    kept++;
                }
            }
        }
        for (Object[] one : nameless) {
            statements.run("UPDATE OR IGNORE dead_letter SET row_key = ? WHERE id = ?", one[0], one[1]);
        }
        new RetryTable(statements).endSettled();
        return new long[] {kept, dropped};
    }

    private List<Entry> letterPage(long after) throws SQLException {
        return statements.all(
                "SELECT id, row_key, user_id, retry_id IS NOT NULL FROM dead_letter"
                        + " WHERE id > ? AND row_key IS NOT NULL ORDER BY id LIMIT ?",
                row -> new Entry(row.getLong(1), key(row.getBytes(2)), row.getString(3), row.getBoolean(4)),
                after,
                AT_ONCE);
    }

    private void forget(Entry letter) throws SQLException {
        if (letter.isUnderRetry) {
            statements.run(
                    "UPDATE retry SET refused = refused + 1 WHERE id = (SELECT retry_id FROM dead_letter WHERE id = ?)",
                    letter.id);
        }
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
                table.beginAgain(open.id());
                changed++;
            }
        }
        return changed;
    }

    private long number(String query) throws SQLException {
        return statements.one(query, row -> row.getLong(1)).orElseThrow();
    }

    private static RowKey key(byte @Nullable [] bytes) {
        RowKey key = RowKeys.key(bytes);
        if (key == null) {
            throw new IllegalArgumentException("a row without a key");
        }
        return key;
    }
}
