package ai.flameup.sync.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Commits changes at a steady rate, each of another user, and knows when each was committed. Lives where arrivals are
 * seen, so that both are by one clock. Thread-safe.
 */
final class LiveWriter {
    /** Prime, and no divisor of the numbers of users: so each user comes before one comes again. */
    private static final long STRIDE = 7_919;

    private final Connection connection;
    private final PreparedStatement update;
    private final int users;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "live-writer"));
    private final Future<?> writing;
    private final long start = System.nanoTime();
    /** The moments before and after each commit. */
    private final List<long[]> commits = new ArrayList<>();

    private @Nullable Exception failure;

    LiveWriter(String url, int rate, int users) throws SQLException {
        this.users = users;
        connection = DriverManager.getConnection(url);
        connection.setAutoCommit(false);
        update = connection.prepareStatement("UPDATE public.users SET phone = ? WHERE id = ?");
        writing = clock.scheduleAtFixedRate(this::write, 0, TimeUnit.SECONDS.toNanos(1) / rate, TimeUnit.NANOSECONDS);
    }

    private synchronized void write() {
        int number = commits.size();
        try {
            update.setString(1, Arrivals.PREFIX + number);
            update.setLong(2, 1 + number * STRIDE % users);
            update.executeUpdate();
            long before = System.nanoTime();
            connection.commit();
            commits.add(new long[] {before, System.nanoTime()});
        } catch (SQLException e) {
            failure = e;
            throw new IllegalStateException(e); // Ends the schedule.
        }
    }

    /** Writes no more, and waits for the last commit. */
    void stop() throws Exception {
        writing.cancel(false);
        clock.shutdown();
        if (!clock.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the live writer does not end");
        }
        connection.close();
        throwFailure();
    }

    private synchronized void throwFailure() throws Exception {
        if (failure != null) {
            throw failure;
        }
    }

    synchronized int written() {
        return commits.size();
    }

    /** Those that have not arrived. */
    synchronized int missing(IntToLongFunction arrivedAt) {
        int missing = 0;
        for (int i = 0; i < commits.size(); i++) {
            missing += arrivedAt.applyAsLong(i) == 0 ? 1 : 0;
        }
        return missing;
    }

    /**
     * From commit to arrival.
     *
     * @param fromSecond those committed before, counted from the first, are left out
     * @param toSecond as are those committed from then on
     * @param fromSending whether from the sending of the commit, else from its confirmation
     */
    synchronized Latencies latencies(IntToLongFunction arrivedAt, int fromSecond, int toSecond, boolean fromSending) {
        long from = start + TimeUnit.SECONDS.toNanos(fromSecond);
        long to = start + TimeUnit.SECONDS.toNanos(toSecond);
        double[] millis = new double[commits.size()];
        int count = 0;
        int missing = 0;
        for (int i = 0; i < commits.size(); i++) {
            long committed = commits.get(i)[fromSending ? 0 : 1];
            long arrived = arrivedAt.applyAsLong(i);
            boolean measured = committed - from >= 0 && committed - to < 0;
            if (measured && arrived == 0) {
                missing++;
            } else if (measured) {
                millis[count++] = (arrived - committed) / 1e6;
            }
        }
        return Latencies.of(java.util.Arrays.copyOf(millis, count), missing);
    }
}
