package ai.flameup.sync.it;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Sessions of a server that are used again: a new one costs it 30 ms of CPU time, and conditions are checked often. What ALTER
 * DATABASE or ALTER ROLE sets since is not in force in them. Thread-safe.
 */
final class ServerSessions {
    private static final int VALIDATION_SECONDS = 10;

    private final Opener opener;
    private final Map<String, Deque<Connection>> idle = new ConcurrentHashMap<>();

    interface Opener {
        Connection open(String database) throws SQLException;
    }

    interface Work<T> {
        T apply(Statement statement) throws SQLException;
    }

    ServerSessions(Opener opener) {
        this.opener = opener;
    }

    /** Does the work in a session with its initial settings. After a failure the session is closed. */
    <T> T use(String database, Work<T> work) throws SQLException {
        Connection connection = take(database);
        try (Statement statement = connection.createStatement()) {
            T result = work.apply(statement);
            statement.execute("DISCARD ALL");
            idle.computeIfAbsent(database, name -> new ConcurrentLinkedDeque<>())
                    .push(connection);
            return result;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private Connection take(String database) throws SQLException {
        Deque<Connection> open = idle.getOrDefault(database, new ConcurrentLinkedDeque<>());
        for (Connection connection = open.poll(); connection != null; connection = open.poll()) {
            // A test may have stopped the server or ended its sessions.
            if (connection.isValid(VALIDATION_SECONDS)) {
                return connection;
            }
            connection.close();
        }
        return opener.open(database);
    }

    /** Closes the idle sessions of a database. */
    void close(String database) throws SQLException {
        Deque<Connection> open = idle.remove(database);
        if (open != null) {
            for (Connection connection : open) {
                connection.close();
            }
        }
    }
}
