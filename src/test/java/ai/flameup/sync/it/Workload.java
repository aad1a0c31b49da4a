package ai.flameup.sync.it;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sessions that change users as fast as they can: each update adds one to the version in the column phone; some
 * transactions hold several, some are rolled back, some insert or delete.
 */
final class Workload implements AutoCloseable {
    private static final int INSERTS_FROM = 1_000_000;

    private final ExecutorService threads;
    private final List<Future<?>> writers = new ArrayList<>();
    private final AtomicLong transactions = new AtomicLong();
    private volatile boolean stopped;

    private Workload(int writers) {
        this.threads = Executors.newFixedThreadPool(writers);
    }

    /**
     * Begins.
     *
     * @param rows the ids that are changed are 1 to this
     */
    static Workload start(Fixture fixture, int writers, int rows) {
        long seed = Long.getLong("flameup.test.seed", System.nanoTime());
        System.out.println("flameup.test.seed=" + seed);
        Workload workload = new Workload(writers);
        for (int i = 0; i < writers; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            long insertsFrom = INSERTS_FROM * (i + 1L);
            workload.writers.add(workload.threads.submit(() -> {
                workload.write(fixture, random, rows, insertsFrom);
                return null;
            }));
        }
        return workload;
    }

    /** How many transactions were committed so far. */
    long transactions() {
        return transactions.get();
    }

    private void write(Fixture fixture, SplittableRandom random, int rows, long insertsFrom) throws SQLException {
        long inserts = insertsFrom;
        try (Connection connection = fixture.connect();
                Statement statement = connection.createStatement();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE public.users SET phone = (phone::bigint + 1)::text WHERE id = ?")) {
            connection.setAutoCommit(false);
            while (!stopped) {
                long id = 1 + random.nextLong(rows);
                int kind = random.nextInt(20);
                if (kind == 0) {
                    statement.execute("DELETE FROM public.users WHERE id = " + id);
                } else if (kind == 1) {
                    statement.execute(Fixture.insertStatement(inserts, inserts + 4));
                    inserts += 5;
                } else {
                    // In the order of ids, so that two sessions never wait for each other in a circle.
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
            connection.rollback();
        }
    }

    /** Waits for the last transaction; fails where a statement of the workload failed. */
    void stop() {
        stopped = true;
        try {
            for (Future<?> writer : writers) {
                writer.get(30, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError("the workload failed", e);
        }
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdownNow();
    }
}
