package ai.flameup.sync.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open sessions and the threads that wait for one, so that all can be aborted at once even if the server does not
 * answer. Thread-safe.
 */
final class OpenSessions {
    private static final Logger LOG = LoggerFactory.getLogger(OpenSessions.class);

    private final Set<Connection> open = new HashSet<>();
    private final Set<Thread> waiting = new HashSet<>();
    private boolean aborted;

    /** Opens a session. May block until the server answers; can be interrupted. */
    interface Opener {
        Connection open() throws SQLException;
    }

    /**
     * Opens a session and keeps track of it.
     *
     * @throws SQLTransientConnectionException after {@link #abort}
     */
    Connection open(Opener opener) throws SQLException {
        await();
        Connection connection;
        try {
            connection = opener.open();
        } catch (SQLException e) {
            throw isAborted() ? ended() : e;
        } finally {
            opened();
        }
        if (!isKept(connection)) {
            connection.close();
            throw ended();
        }
        return connection;
    }

    private synchronized void await() throws SQLException {
        if (aborted) {
            throw ended();
        }
        waiting.add(Thread.currentThread());
    }

    private synchronized void opened() {
        if (!waiting.remove(Thread.currentThread())) {
            // This class has interrupted the thread, only to end the attempt.
            boolean unused = Thread.interrupted();
        }
    }

    private synchronized boolean isKept(Connection connection) throws SQLException {
        Set<Connection> closed = new HashSet<>();
        for (Connection one : open) {
            if (one.isClosed()) {
                closed.add(one);
            }
        }
        open.removeAll(closed);
        return !aborted && open.add(connection);
    }

    private static SQLException ended() {
        return new SQLTransientConnectionException("the run has closed its connections");
    }

    synchronized boolean isAborted() {
        return aborted;
    }

    /** Aborts every session and every attempt to open one, now and later. Does not wait for the server. */
    synchronized void abort() {
        aborted = true;
        waiting.forEach(Thread::interrupt);
        waiting.clear();
        for (Connection connection : open) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.debug("The session could not be aborted, so it has already ended", e);
            }
        }
    }
}
