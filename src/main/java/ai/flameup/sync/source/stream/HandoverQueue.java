package ai.flameup.sync.source.stream;

import io.debezium.connector.base.QueueProvider;
import io.debezium.pipeline.Sizeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The engine's queue. {@link #take} returns as soon as there is something, while Debezium's poll always waits for the whole of {@code
 * poll.interval.ms}, and uses the processor during its last millisecond. Debezium limits the size, and still polls an
 * empty queue to learn why the stream has ended. Thread-safe; Debezium creates it by its name.
 */
public class HandoverQueue<T extends Sizeable> implements QueueProvider<T> {
    static final String NAME = "handover";

    /** A poll reads the size twice at its start, and a third time after it has waited. */
    private static final int CALLS_BEFORE_SPIN = 3;

    private static final long SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final BlockingQueue<T> queue = new LinkedBlockingQueue<>();

    /** The producer also reads the size, and must not sleep. */
    private volatile @Nullable Thread producer;

    /** For the consumer. */
    private int emptyCalls;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void configure(Map<String, ?> properties) {
        // Nothing depends on them.
    }

    @Override
    public void enqueue(T event) {
        producer = Thread.currentThread();
        queue.add(event);
    }

    @Override
    public @Nullable T poll() {
        return queue.poll();
    }

    /**
     * Removes the events that are in the queue. If it is empty, waits for the first event.
     *
     * @return at most {@code most} events in their order; empty if there was none in time
     */
    List<T> take(int most, long millis) throws InterruptedException {
        List<T> taken = new ArrayList<>();
        T first = queue.poll(millis, TimeUnit.MILLISECONDS);
        if (first != null) {
            taken.add(first);
            queue.drainTo(taken, most - 1);
        }
        return taken;
    }

    @Override
    public int size() {
        int size = queue.size();
        if (Thread.currentThread() != producer) {
            emptyCalls = size == 0 ? emptyCalls + 1 : 0;
            if (emptyCalls >= CALLS_BEFORE_SPIN) {
                emptyCalls = 0;
                LockSupport.parkNanos(SLEEP_NANOS);
            }
        }
        return size;
    }
}
