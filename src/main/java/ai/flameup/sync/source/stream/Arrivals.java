package ai.flameup.sync.source.stream;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Wakes the engine's thread when the stream has passed on something. Debezium's queue would wait for the whole of {@code
 * poll.interval.ms}, or use the processor while it waits. Thread-safe.
 */
final class Arrivals {
    /** What Debezium adds itself, its heartbeats, waits at most for this long. */
    private static final long LIMIT_MILLIS = 100;

    private final Semaphore arrived = new Semaphore(0);

    /** For the thread that reads the stream: something is in the queue. */
    void signal() {
        if (arrived.availablePermits() == 0) {
            arrived.release();
        }
    }

    /** Waits for a signal since the last call, or until the limit. Returns whether there was one. */
    boolean await() throws InterruptedException {
        boolean signalled = arrived.tryAcquire(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        arrived.drainPermits();
        return signalled;
    }
}
