package ai.flameup.sync.source.rows;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.rows.ReadColumns.Computed;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Savepoint;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/**
 * Finds the row for which an expression fails, or takes too long: a query is repeated with half of its rows, and at last with one row
 * and without its expressions. One thread at a time.
 */
final class ExpressionGuard {
    /** Classes of SQLSTATE that say nothing about a row: PostgreSQL documentation, appendix A. */
    private static final Set<String> OF_SERVER = Set.of("08", "28", "40", "53", "55", "57", "58", "F0", "XX");

    /** The errors whose messages contain no value of the row, or end with it in quotes. */
    private static final Set<String> PRINTABLE = Set.of("21000", "22003", "22012", "22P02");

    private final Set<Column> expressions;
    /** The rows that are computed in time. It grows slowly, because every attempt with too many costs the whole time. */
    private int inTime = Integer.MAX_VALUE / 2;

    private BooleanSupplier yielded = () -> false;

    ExpressionGuard(List<Column> expressions) {
        this.expressions = new LinkedHashSet<>(expressions);
    }

    /** A query that reads rows. */
    interface Query<T> {
        /** @param rows the maximum number of rows; 0 only checks the query */
        T run(int rows, Computed computed) throws SQLException;
    }

    /** Reads rows. */
    interface Reading<T> {
        T run() throws SQLException;
    }

    /**
     * Reads rows, and cancels the read with a passing fault if another session waits for its locks: expressions may take long, and a
     * migration must not wait for them.
     */
    <T> T yielding(Database database, Connection connection, Reading<T> read) throws SQLException {
        if (expressions.isEmpty()) {
            return read.run();
        }
        try (YieldingQuery query = new YieldingQuery(database, connection.unwrap(PGConnection.class), () -> true)) {
            yielded = query::hasYielded;
            return read.run();
        } finally {
            yielded = () -> false;
        }
    }

    /**
     * Runs a query; without expressions exactly once. Returns fewer rows if an expression fails for some.
     *
     * @param query computes exactly as many rows as it returns
     */
    <T> T run(Connection connection, int rows, Query<T> query) throws SQLException {
        return run(connection, Math.min(rows, inTime), query, null);
    }

    /** Runs a query once, and if an expression fails for a row, the fallback. */
    <T> T runOr(Connection connection, int rows, Query<T> query, Reading<T> fallback) throws SQLException {
        return run(connection, rows, query, fallback);
    }

    private <T> T run(Connection connection, int rows, Query<T> query, @Nullable Reading<T> fallback)
            throws SQLException {
        if (expressions.isEmpty()) {
            return query.run(rows, Computed.NOTHING);
        }
        int some = rows;
        while (true) {
            try {
                T result = attempt(connection, some, all(), query);
                inTime += some == inTime ? 1 + some / 8 : 0;
                return result;
            } catch (SQLException e) {
                if (!mayBeOfRow(e)) {
                    throw e;
                }
                if (some == rows) {
                    // Fails if the query is wrong for every row: a table or a function is missing now.
                    attempt(connection, 0, all(), query);
                }
                if (fallback != null) {
                    return fallback.run();
                }
                if (some <= 1) {
                    return withoutFailing(connection, query);
                }
                some /= 2;
                inTime = isTooSlow(e) ? some : inTime;
            }
        }
    }

    private Computed all() {
        return new Computed(expressions, null);
    }

    private <T> T attempt(Connection connection, int rows, Computed computed, Query<T> query) throws SQLException {
        requireNotYielded(null);
        Savepoint before = connection.setSavepoint();
        try {
            T result = query.run(rows, computed);
            connection.releaseSavepoint(before);
            return result;
        } catch (SQLException e) {
            requireNotYielded(e);
            if (mayBeOfRow(e)) {
                connection.rollback(before);
            }
            throw e;
        }
    }

    /** A cancel between two queries has no effect by itself. */
    private void requireNotYielded(@Nullable SQLException cause) throws SQLException {
        if (yielded.getAsBoolean()) {
            throw new SQLTransientException(
                    "the read yielded to a session that waits for a lock", PSQLState.QUERY_CANCELED.getState(), cause);
        }
    }

    /** Reads one row without expressions, with the reason: the first expression that fails alone. */
    private <T> T withoutFailing(Connection connection, Query<T> query) throws SQLException {
        for (Column expression : expressions) {
            try {
                attempt(connection, 1, new Computed(Set.of(expression), null), query);
            } catch (SQLException e) {
                return failed(expression.name(), e, query);
            }
        }
        try {
            // Once more, because the server may have been slow for the moment.
            return attempt(connection, 1, all(), query);
        } catch (SQLException e) {
            return failed("the expressions of mapping", e, query);
        }
    }

    private static <T> T failed(String name, SQLException e, Query<T> query) throws SQLException {
        if (!mayBeOfRow(e)) {
            throw e;
        }
        return query.run(1, new Computed(Set.of(), "%s: %s".formatted(name, reason(e))));
    }

    /** Whether the values of a row may be the cause. */
    private static boolean mayBeOfRow(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return isTooSlow(e)
                || (e instanceof PSQLException error
                        && error.getServerErrorMessage() != null
                        && state.length() == 5
                        && !OF_SERVER.contains(state.substring(0, 2)));
    }

    private static boolean isTooSlow(SQLException e) {
        return !(e instanceof SQLTransientException)
                && PSQLState.QUERY_CANCELED.getState().equals(e.getSQLState());
    }

    /** Without values of the row. */
    private static String reason(SQLException e) {
        if (isTooSlow(e)) {
            return "takes longer than mapping.sql-timeout";
        }
        String state = String.valueOf(e.getSQLState());
        ServerErrorMessage message = e instanceof PSQLException error ? error.getServerErrorMessage() : null;
        String text = message == null || !PRINTABLE.contains(state)
                ? ""
                : KeyFinder.QUOTED_VALUE
                        .matcher(String.valueOf(message.getMessage()))
                        .replaceAll("");
        return text.isEmpty() ? "fails with SQLSTATE " + state : "%s (SQLSTATE %s)".formatted(text, state);
    }
}
