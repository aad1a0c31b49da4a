package ai.flameup.sync.it;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sessions that change users, 200 transactions a second each at most: each update adds one to the version in the column
 * phone; some transactions hold several, some are rolled back, some insert or delete.
 */
final class Workload implements AutoCloseable {
    private static final int INSERTS_FROM = 1_000_000;
    private static final int EVERY_MILLIS = 5;

    private final ScheduledExecutorService threads;
    private final List<Writer> writers = new ArrayList<>();
    private final List<Future<?>> running = new ArrayList<>();
    private final AtomicLong transactions = new AtomicLong();

    private Workload(int writers) {
        this.threads = Executors.newScheduledThreadPool(writers);
    }

    /**
     * Begins.
     *
     * @param rows the ids that are changed are 1 to this
     */
    static Workload start(Fixture fixture, int writers, int rows) throws SQLException {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Workload workload = new Workload(writers);
        for (int i = 0; i < writers; i++) {
            Writer writer = workload
            .new Writer(fixture.connect(), new SplittableRandom(seed + i), rows, INSERTS_FROM * (i + 1L));
            workload.writers.add(writer);
            workload.running.add(workload.threads.scheduleAtFixedRate(writer, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS));
        }
        return workload;
    }

    /** How many transactions were committed so far. */
    long transactions() {
        return transactions.get();
    }

    /** Waits for the last transaction; fails where a statement of the workload failed. */
    void stop() {
        threads.shutdown();
        try {
            for (Future<?> writer : running) {
                if (writer.isDone() && !writer.isCancelled()) {
                    writer.get();
                }
            }
            if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
                throw new AssertionError("the workload does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException e) {
            throw new AssertionError("the workload failed", e);
        }
    }

    @Override
    public void close() throws SQLException {
        stop();
        for (Writer writer : writers) {
            writer.connection.close();
        }
    }

    /** One session; each run is a transaction. */
    private final class Writer implements Runnable {
        private final Connection connection;
        private final PreparedStatement update;
        private final SplittableRandom random;
        private final int rows;
        private long inserts;

        Writer(Connection connection, SplittableRandom random, int rows, long insertsFrom) throws SQLException {
            this.connection = connection;
            this.random = random;
            this.rows = rows;
            this.inserts = insertsFrom;
            connection.setAutoCommit(false);
            this.update = connection.prepareStatement(
                    "UPDATE public.users SET phone = (phone::bigint + 1)::text WHERE id = ?");
        }

        @Override
        public void run() {
            try {
                write();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private void write() throws SQLException {
            long id = 1 + random.nextLong(rows);
            int kind = random.nextInt(20);
            if (kind < 2) {
                try (Statement statement = connection.createStatement()) {
                    if (kind == 0) {
                        statement.execute("DELETE FROM public.users WHERE id = " + id);
                    } else {
                        statement.execute(Fixture.insertStatement(inserts, inserts + 4));
                        inserts += 5;
                    }
                }
            } else {
                // In the order of ids, so that two sessions never deadlock.
                for (long next = id; next < id + (kind == 2 ? 10 : 1); next++) {
                    update.setLong(1, next);
                    update.executeUpdate();
                }
            }
            if (kind == 3) {
                connection.rollback();
            } else {
                connection.commit();
                transactions.incrementAndGet();
            }
        }
    }
}
