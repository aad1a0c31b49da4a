package ai.flameup.sync.state;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteOpenMode;

/** What is said to SQLite in the same way everywhere. */
final class Sqlite {
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    /** Something that is asked of the database, or done in it. */
    interface Query<T> {
        T run() throws SQLException;
    }

    /** A query that returns nothing. */
    interface Work {
        void run() throws SQLException;

        default Query<Work> asQuery() {
            return () -> {
                run();
                return this;
            };
        }
    }

    private Sqlite() {}

    /** Opens a file that is there: it is never created, because SQLite would let others read it. */
    static Connection connect(Path file) throws SQLException {
        SQLiteConfig config = common();
        config.setSynchronous(SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setTempStore(SQLiteConfig.TempStore.MEMORY);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /** As {@link #connect}, but what is there cannot be changed. */
    static Connection connectToRead(Path file) throws SQLException {
        SQLiteConfig config = common();
        config.setReadOnly(true);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /**
     * As {@link #connectToRead}, but nothing beside the file is changed or made either.
     *
     * @param logged whether there is a log, which then has to be read as well. Where there is none, SQLite would make one
     *     to look into it, unless it takes the file for one that never changes
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
        // Else the driver asks for the last row's id after each INSERT.
        config.setGetGeneratedKeys(false);
        return config;
    }

    /** Takes effect from the next transaction on; within one SQLite refuses it. */
    static void setSynchronous(Connection connection, SynchronousMode mode) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = " + mode);
        }
    }

    /**
     * Commits what {@code work} does, or none of it. The driver's own transactions are not used: its commit begins the
     * next one at once, which keeps others out.
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

    private static void rollBack(Statement statement, Exception why) {
        try {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            // SQLite has rolled back by itself after some failures, a full disk for one.
            why.addSuppressed(e);
        }
    }

    static int number(Connection connection, String query) throws SQLException {
        return Integer.parseInt(text(connection, query));
    }

    /** The first column of the first row; the query must have one. */
    static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            if (!result.next()) {
                throw new IllegalStateException("no row: " + query);
            }
            return result.getString(1);
        }
    }
}
