package ai.flameup.sync.job;

import ai.flameup.sync.source.Database;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a run's connections to Postgres if the run was stopped, or met its deadline, and does not end in time: a thread that
 * waits for the answer of a silent server cannot be interrupted. Closed at the run's end.
 */
final class StopLimit implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StopLimit.class);
    /** Before a run delivers anything, nothing is worth waiting for. */
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(2);
    /** Longer than a drain and the end of a stream take if the server responds. Docker kills 10 s after SIGTERM. */
    static final Duration LIMIT = Duration.ofSeconds(7);

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;

    /** @param patience tells when the run is to end */
    StopLimit(RunDeadline patience, Database database) {
        thread = new Thread(() -> watch(patience, database), "stop");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch(RunDeadline patience, Database database) {
        try {
            patience.awaitGivenUp();
            if (ended.await(IDLE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            if (patience.isClosing() && ended.await(LIMIT.minus(IDLE_LIMIT).toMillis(), TimeUnit.MILLISECONDS)) {
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
