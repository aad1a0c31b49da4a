package ai.flameup.sync.demo;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Simulates an application: it changes about 20 rows of the sample table each second, one or several in a transaction,
 * until it is closed. The changes depend on the seed. A separate thread makes them. Thread-safe.
 */
public final class Workload implements AutoCloseable {
    private static final long MILLIS_A_CHANGE = 50;
    private static final long STOP_SECONDS = 30;

    private final Connection connection;
    private final UserChanges users;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "demo-workload");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicLong changes = new AtomicLong();
    private volatile @Nullable Exception failure;
    /** The rows that a transaction changed in excess of the rate. Only the worker uses it. */
    private int ahead;

    private Workload(Connection connection, UserChanges users) {
        this.connection = connection;
        this.users = users;
    }

    /**
     * Starts a workload.
     *
     * @throws Fault if the database or the sample table is not available
     */
    public static Workload start(String url, String user, String password, long seed) {
        try {
            Connection connection = DriverManager.getConnection(url, user, password);
            try {
                connection.setAutoCommit(false);
                Workload workload = new Workload(connection, new UserChanges(connection, seed));
                workload.begin();
                return workload;
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw new Fault(ExitCode.POSTGRES, "the workload cannot start: " + e.getMessage(), e);
        }
    }

    // The field keeps the exception that ends the task, not the future.
    @SuppressWarnings("FutureReturnValueIgnored")
    private void begin() {
        worker.scheduleAtFixedRate(this::tick, 0, MILLIS_A_CHANGE, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        if (failure != null) {
            return;
        }
        if (ahead > 0) {
            ahead--;
            return;
        }
        try {
            int changed = users.next();
            connection.commit();
            changes.addAndGet(changed);
            ahead = changed - 1;
        } catch (SQLException | IOException e) {
            failure = e;
        }
    }

    /**
     * Returns the number of rows that committed transactions have changed so far.
     *
     * @throws Fault if the workload has failed and makes no more changes
     */
    public long changes() {
        check();
        return changes.get();
    }

    /**
     * Waits for the current transaction, and stops.
     *
     * @throws Fault if the workload has failed, or does not stop within 30 s
     */
    @Override
    public void close() {
        worker.shutdown();
        boolean stopped = false;
        try {
            stopped = worker.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            if (stopped) {
                connection.close();
            } else {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            throw new Fault(ExitCode.POSTGRES, "cannot close the workload's connection: " + e.getMessage(), e);
        }
        check();
        if (!stopped) {
            throw new Fault(
                    ExitCode.POSTGRES,
                    "the workload did not stop within " + STOP_SECONDS + " s, so its transaction was aborted");
        }
    }

    private void check() {
        Exception cause = failure;
        if (cause != null) {
            throw new Fault(ExitCode.POSTGRES, "the workload has failed: " + cause.getMessage(), cause);
        }
    }
}
