package ai.flameup.sync.pipeline;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes threads that bring events wait while the pipeline holds as much as it may. Thread-safe; the pipeline's thread
 * publishes, other threads wait.
 */
final class Backpressure {
    /** Changes and rows since the oldest unsettled one. */
    private static final int MAX_LOAD = 16_384;

    private static final long MAX_BYTES = 24 << 20;
    /** Rows take half of the bytes, and a page more: the rest is for changes. */
    private static final long MAX_BYTES_FOR_ROWS = MAX_BYTES / 2;

    private static final long NEARLY_MAX_BYTES = MAX_BYTES / 6 * 5;
    /**
     * Together with the page of 512 rows that is read next, these are two chunks of 1,024 rows, which a killed process has
     * to read again. With less, reading does not keep up with sending; with larger pages, more of each has to be held.
     */
    private static final int MAX_OPEN_ROWS = 1_536;

    /** The present figures of the pipeline. */
    record Figures(Load load, int openRows, int unfinished) {
        static final Figures NONE = new Figures(new Load(0, 0, false), 0, 0);

        boolean isFull() {
            return !load.mustGrow && (load.changes >= MAX_LOAD || load.bytes >= MAX_BYTES);
        }

        boolean hasRowRoom() {
            return openRows < MAX_OPEN_ROWS && load.bytes < MAX_BYTES_FOR_ROWS;
        }
    }

    /**
     * The pending changes and rows.
     *
     * @param changes and rows since the oldest unsettled one
     * @param mustGrow whether nothing can be settled before more changes arrive
     */
    record Load(int changes, long bytes, boolean mustGrow) {}

    private interface Check {
        boolean holds();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile Runnable onRoom = () -> {};
    private volatile Figures figures = Figures.NONE;
    private boolean isTaking;
    private boolean isDraining;
    private boolean isStopped;

    /** Waits until events can be handed over, and reserves the turn: {@link #taken} ends it. */
    void awaitRoom() throws InterruptedException {
        lock.lock();
        try {
            await(() -> !figures.isFull() && !isTaking);
            isTaking = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether states of this size leave little room for more, although rows have no more room. */
    static boolean isNearlyFull(long bytes) {
        return bytes >= NEARLY_MAX_BYTES;
    }

    /** Whether threads may be waiting for room. They bring up to a few hundred changes at once. */
    static boolean mayBeFull(int load, long bytes) {
        return load >= MAX_LOAD / 2 || bytes >= MAX_BYTES / 2;
    }

    /** Whether events have room. */
    boolean hasRoom() {
        return !figures.isFull();
    }

    /** Whether another chunk of rows has room. */
    boolean hasRowRoom() {
        Figures newest = figures;
        return newest.hasRowRoom() && !newest.isFull();
    }

    /** Calls this whenever there is room again. To be set before the first events. */
    void onRoom(Runnable callback) {
        onRoom = callback;
    }

    /** Waits until everything that was handed over is settled, for some time at most. */
    void awaitSettled(Duration atMost) throws InterruptedException {
        await(() -> figures.load.changes == 0 && !isTaking, atMost);
    }

    /** Waits until the pipeline drains and no answer is due, for some time at most. */
    void awaitDrained(Duration atMost) throws InterruptedException {
        await(() -> isDraining && figures.unfinished == 0, atMost);
    }

    /** Whether no row is pending. */
    boolean hasNoRows() {
        lock.lock();
        try {
            return figures.openRows == 0 && !isTaking;
        } finally {
            lock.unlock();
        }
    }

    /** Publishes the figures; called some thousand times a second, so it wakes threads only if they may continue. */
    void publish(Figures newest) {
        lock.lock();
        try {
            boolean hasRoomAgain = figures.isFull() && !newest.isFull();
            boolean hasRowRoomAgain = !figures.hasRowRoom() && newest.hasRowRoom();
            figures = newest;
            if (hasRoomAgain || hasRowRoomAgain || newest.unfinished == 0) {
                changed.signalAll();
            }
            if (hasRoomAgain || hasRowRoomAgain) {
                onRoom.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The events that were handed over are handled. */
    void taken(Figures newest) {
        publish(newest);
        lock.lock();
        try {
            isTaking = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on the number of requests in flight only falls. */
    void draining(Figures newest) {
        lock.lock();
        try {
            figures = newest;
            isDraining = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** No thread waits any more. */
    void stop() {
        lock.lock();
        try {
            isStopped = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(Check condition) throws InterruptedException {
        while (!condition.holds()) {
            if (isStopped) {
                throw new InterruptedException("the pipeline has stopped");
            }
            changed.await();
        }
    }

    private void await(Check condition, Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            long left = atMost.toNanos();
            while (!condition.holds() && left > 0 && !isStopped) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
