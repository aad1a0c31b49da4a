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
 * An application at work: about 20 rows of the sample table change each second, one or several in a transaction, until
 * it is closed. What it does comes from the seed. Safe for use by many threads; one thread of its own does the work.
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
    /** Rows changed ahead of their time, by a transaction with several; its thread only. */
    private int ahead;

    private Workload(Connection connection, UserChanges users) {
        this.connection = connection;
        this.users = users;
    }

    /**
     * Begins at once.
     *
     * @throws Fault where the database or the sample table cannot be reached
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
            throw new Fault(ExitCode.POSTGRES, "the workload cannot begin: " + e.getMessage(), e);
        }
    }

    // What ends the task is kept in the field, not in the future.
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
     * Rows changed so far by transactions that are committed.
     *
     * @throws Fault where it has failed and changes nothing any more
     */
    public long changes() {
        check();
        return changes.get();
    }

    /**
     * Stops, once the transaction that is under way has ended.
     *
     * @throws Fault where it has failed, or does not stop within 30 s
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
            throw new Fault(ExitCode.POSTGRES, "the workload's connection does not close: " + e.getMessage(), e);
        }
        check();
        if (!stopped) {
            throw new Fault(ExitCode.POSTGRES, "the workload was cut off in the middle of a transaction");
        }
    }

    private void check() {
        Exception cause = failure;
        if (cause != null) {
            throw new Fault(ExitCode.POSTGRES, "the workload has failed: " + cause.getMessage(), cause);
        }
    }
}
