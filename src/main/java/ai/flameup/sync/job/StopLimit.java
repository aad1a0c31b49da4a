package ai.flameup.sync.job;

import ai.flameup.sync.source.Database;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a run's connections to Postgres if the run is given up and does not end in time, because a thread that waits
 * for a silent server cannot be interrupted. Closed at the end of the run.
 */
final class StopLimit implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StopLimit.class);
    /** Before a run delivers anything, nothing is worth waiting for. */
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(2);
    /** Longer than a drain and the end of a stream take if the server responds. Docker kills 10 s after SIGTERM. */
    static final Duration LIMIT = Duration.ofSeconds(7);

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;

    /** @param deadline shows when the run is given up */
    StopLimit(RunDeadline deadline, Database database) {
        thread = new Thread(() -> watch(deadline, database), "stop");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch(RunDeadline deadline, Database database) {
        try {
            deadline.awaitGivenUp();
            if (ended.await(IDLE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            if (deadline.isClosing() && ended.await(LIMIT.minus(IDLE_LIMIT).toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            if (!database.isAborted()) {
                LOG.info("Postgres is not responding: closing its connections");
                database.abort();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        thread.interrupt();
    }
}
