package ai.flameup.sync.source.stream;

import io.debezium.connector.base.DefaultQueueProvider;
import io.debezium.pipeline.Sizeable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The engine's queue, which lets an idle poll wait to its end. Debezium's poll awaits the whole milliseconds that are left
 * of {@code poll.interval.ms} and then asks again and again for the rest of the last one: with 10 ms that was a tenth of a
 * core in an idle process. Debezium serializes all calls by a lock, which an idle poll holds for up to a millisecond here.
 */
public class PatientQueue<T extends Sizeable> extends DefaultQueueProvider<T> {
    static final String NAME = "patient";

    /** A poll asks twice at its begin, and for the third time when it has waited. */
    private static final int ASKED_BEFORE_THE_REST = 3;

    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Asks for the size as well, and must not wait. */
    private volatile @Nullable Thread producer;

    private int askedInVain;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void enqueue(T event) throws InterruptedException {
        producer = Thread.currentThread();
        askedInVain = 0;
        super.enqueue(event);
    }

    @Override
    public int size() {
        int size = super.size();
        if (size == 0 && Thread.currentThread() != producer && ++askedInVain >= ASKED_BEFORE_THE_REST) {
            askedInVain = 0;
            LockSupport.parkNanos(REST_NANOS);
        }
        return size;
    }
}
