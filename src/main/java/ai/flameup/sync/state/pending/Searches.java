package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.WatchedChange;
import ai.flameup.sync.state.sqlite.StoreConnection;
import ai.flameup.sync.state.sqlite.StoredValues;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** The changes of watched tables of a {@code StateStore} whose rows are to be found. Thread-safe; throws what the store throws. */
public final class Searches {
    /** More are not counted. */
    private static final int MAX_COUNT = 10_000;

    private final StoreConnection connection;

    public Searches(StoreConnection connection) {
        this.connection = connection;
    }

    /** A change with its id. */
    public record Search(long id, WatchedChange change) {}

    /** The oldest changes of the table that is watched by the oldest one. */
    public List<Search> next(int limit) {
        return connection.read(() -> connection
                .statements()
                .all(
                        "SELECT id, watch, matched FROM search"
                                + " WHERE watch = (SELECT watch FROM search ORDER BY id LIMIT 1) ORDER BY id LIMIT ?",
                        row -> new Search(row.getLong(1), change(row.getString(2), row.getBytes(3))),
                        limit));
    }

    /** The id of the newest; 0 if there is none. */
    public long newest() {
        return connection.read(() -> connection
                .statements()
                .one("SELECT coalesce(max(id), 0) FROM search", row -> row.getLong(1))
                .orElseThrow());
    }

    /** Whether there is none with this id or a smaller one. */
    public boolean isEmptyUpTo(long id) {
        return connection.read(() -> connection
                .statements()
                .one("SELECT 1 FROM search WHERE id <= ? LIMIT 1", row -> true, id)
                .isEmpty());
    }

    public boolean isEmpty() {
        return next(1).isEmpty();
    }

    /** How many there are, up to a limit, since when there has always been one, and a number that changes if some are done. */
    public PendingWork.Rows summary() throws SQLException {
        return connection
                .statements()
                .one(
                        "SELECT count(*), coalesce(min(id), 0), min(since) FROM (SELECT id, since FROM search ORDER BY id LIMIT ?)",
                        row -> new PendingWork.Rows(
                                row.getLong(1), row.getLong(2), StoredValues.time(row.getString(3))),
                        MAX_COUNT)
                .orElseThrow();
    }

    /** The values of a change as the store has them: with a zero byte behind them, and nothing if they are not known. */
    public static byte[] matched(WatchedChange change) {
        byte[] values = StoredValues.bytes(change.values());
        return values == null ? new byte[0] : Arrays.copyOf(values, values.length + 1);
    }

    private static WatchedChange change(String watch, byte[] matched) {
        return matched.length == 0
                ? WatchedChange.ofAny(watch)
                : new WatchedChange(watch, StoredValues.requiredKey(Arrays.copyOf(matched, matched.length - 1)));
    }
}
