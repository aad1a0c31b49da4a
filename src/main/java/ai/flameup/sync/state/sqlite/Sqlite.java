package ai.flameup.sync.state.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteOpenMode;

/** Connections, transactions and pragmas of SQLite. */
public final class Sqlite {
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    /** Something that is asked of the database, or done in it. */
    public interface Query<T> {
        T run() throws SQLException;
    }

    /** A query that returns nothing. */
    public interface Work {
        void run() throws SQLException;

        default Query<Work> asQuery() {
            return () -> {
                run();
                return this;
            };
        }
    }

    private Sqlite() {}

    /** Opens an existing file. It never creates one, because SQLite would let other users read it. */
    public static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = common();
        config.setSynchronous(SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /** As {@link #connect}, but read-only. */
    public static Connection connectToRead(Path file) throws SQLException {
        SQLiteConfig config = common();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /**
     * As {@link #connectToRead}, but no other file is created or changed either.
     *
     * @param logged whether there is a log, which must be read as well. If there is none, SQLite would create one, unless
     *     the file is opened as immutable
     */
    static Connection connectToLook(Path file, boolean logged) throws SQLException {
        if (logged) {
            return connectToRead(file);
        }
        SQLiteConfig config = common();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:" + file.toUri() + "?immutable=1");
    }

    private static SQLiteConfig common() {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        // Otherwise the driver queries the last row's id after each INSERT.
        config.setGetGeneratedKeys(false);
        return config;
    }

    /** Takes effect with the next transaction. Within a transaction, SQLite refuses it. */
    static void setSynchronous(Connection connection, SynchronousMode mode) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = " + mode);
        }
    }

    /**
     * Commits all that the query changes, or none of it. The driver's own transactions are not used, because each commit
     * begins the next transaction at once, which locks others out.
     */
    static <T> T inTransaction(Connection connection, Query<T> query) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            try {
                T result = query.run();
                statement.execute("COMMIT");
                return result;
            } catch (SQLException | RuntimeException e) {
                rollBack(statement, e);
                throw e;
            }
        }
    }

    /** Rolls back after a failure. A second failure is added to the first. */
    public static void rollBack(Statement statement, Exception why) {
        try {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            // After some failures, such as a full disk, SQLite has rolled back already.
            why.addSuppressed(e);
        }
    }

    public static int number(Connection connection, String query) throws SQLException {
        return Integer.parseInt(text(connection, query));
    }

    /** The first column of the first row; the query must have one. */
    public static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            if (!result.next()) {
                throw new IllegalStateException("no row: " + query);
            }
            return result.getString(1);
        }
    }
}
