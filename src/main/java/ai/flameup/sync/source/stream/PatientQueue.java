package ai.flameup.sync.source.stream;

import io.debezium.connector.base.DefaultQueueProvider;
import io.debezium.pipeline.Sizeable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The engine's queue, in which a poll that finds nothing sleeps through its last millisecond. Debezium's poll waits for the whole
 * milliseconds of {@code poll.interval.ms} that are left, and spins for the rest of the last one. Debezium serializes all calls with a lock, which an idle poll holds for up to a millisecond.
 */
public class PatientQueue<T extends Sizeable> extends DefaultQueueProvider<T> {
    static final String NAME = "patient";

    /** A poll reads the size twice at its begin, and a third time after it has waited. */
    private static final int CALLS_BEFORE_SPIN = 3;

    private static final long SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The producer also reads the size, and must not sleep. */
    private volatile @Nullable Thread producer;

    private int emptyCalls;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void enqueue(T event) throws InterruptedException {
        producer = Thread.currentThread();
        emptyCalls = 0;
        super.enqueue(event);
    }

    @Override
    public int size() {
        int size = super.size();
        if (size == 0 && Thread.currentThread() != producer && ++emptyCalls >= CALLS_BEFORE_SPIN) {
            emptyCalls = 0;
            LockSupport.parkNanos(SLEEP_NANOS);
        }
        return size;
    }
}
