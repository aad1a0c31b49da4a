package ai.flameup.sync.source.rows;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels the query of a session as soon as another session waits for its locks, or the query is no longer wanted. Watches
 * from a thread of its own until it is closed. Thread-safe.
 */
final class YieldingQuery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(YieldingQuery.class);
    private static final int POLL_MILLIS = 500;

    private final Database database;
    private final PGConnection session;
    private final BooleanSupplier wanted;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "yield"));
    private volatile boolean yielded;

    /**
     * @param session runs the query
     * @param wanted polled from the watching thread
     */
    YieldingQuery(Database database, PGConnection session, BooleanSupplier wanted) {
        this.database = database;
        this.session = session;
        this.wanted = wanted;
        // The task ends with the executor, so its result is not awaited.
        Future<?> unused = watch.scheduleWithFixedDelay(this::poll, POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Whether the query was cancelled, or is to be abandoned. A cancel between two fetches has no effect by itself. */
    boolean hasYielded() {
        return yielded;
    }

    private void poll() {
        boolean continues = false;
        try {
            continues = wanted.getAsBoolean() && !blocksAnother(session.getBackendPID());
        } catch (SQLException e) {
            LOG.debug("It is not known whether the query blocks another session", e);
            continues = true;
        } finally {
            // Also if the store cannot be read, because the watch ends with that exception.
            if (!continues) {
                yielded = true;
                cancel();
            }
        }
    }

    private void cancel() {
        try {
            session.cancelQuery();
        } catch (SQLException e) {
            LOG.debug("The query could not be cancelled. Retrying at the next poll", e);
        }
    }

    /** Whether another session waits for a lock of the session, or waits behind one that does. */
    private boolean blocksAnother(int pid) throws SQLException {
        try (Connection connection = database.connection()) {
            boolean blocks = Queries.isTrue(
                    connection,
                    "SELECT EXISTS (SELECT FROM pg_locks l WHERE NOT l.granted AND ?::int = ANY (pg_blocking_pids(l.pid)))",
                    Integer.toString(pid));
            connection.rollback();
            return blocks;
        }
    }

    /** Waits for the watching thread, because a late cancel would hit the next statement of the connection. */
    @Override
    public void close() {
        watch.shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = watch.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
