package ai.flameup.sync.state.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The statements of one connection. Each is prepared once, because preparing costs as much as running. They are closed
 * with the connection. For one thread at a time.
 */
public final class Statements {
    /** Reads the current row of the result. */
    public interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Statements(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    /** Returns how many rows were changed. */
    public int run(String sql, @Nullable Object... values) throws SQLException {
        return bound(sql, values).executeUpdate();
    }

    /**
     * Runs the statement with each row of values, as one batch, which is cheaper than single runs.
     *
     * @return how many rows each run has changed
     */
    public int[] runForEach(String sql, List<@Nullable Object[]> rows) throws SQLException {
        if (rows.isEmpty()) {
            return new int[0];
        }
        PreparedStatement statement = bound(sql, new Object[0]);
        for (Object[] values : rows) {
            bind(statement, values);
            statement.addBatch();
        }
        return statement.executeBatch();
    }

    /** @throws IllegalStateException unless exactly one row is changed, because that is a bug */
    public void runForOne(String sql, @Nullable Object... values) throws SQLException {
        if (run(sql, values) != 1) {
            throw new IllegalStateException("the statement did not change exactly one row: " + sql);
        }
    }

    /** Returns the id of the new row. */
    public long insert(String sql, @Nullable Object... values) throws SQLException {
        runForOne(sql, values);
        return one("SELECT last_insert_rowid()", row -> row.getLong(1)).orElseThrow();
    }

    public <T> List<T> all(String sql, Reader<T> reader, @Nullable Object... values) throws SQLException {
        try (ResultSet row = bound(sql, values).executeQuery()) {
            List<T> read = new ArrayList<>();
            while (row.next()) {
                read.add(reader.read(row));
            }
            return read;
        }
    }

    public <T> Optional<T> one(String sql, Reader<T> reader, @Nullable Object... values) throws SQLException {
        try (ResultSet row = bound(sql, values).executeQuery()) {
            return row.next() ? Optional.of(reader.read(row)) : Optional.empty();
        }
    }

    private PreparedStatement bound(String sql, @Nullable Object[] values) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        bind(statement, values);
        return statement;
    }

    private static void bind(PreparedStatement statement, @Nullable Object[] values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }
}
