package ai.flameup.sync.state.update;

import ai.flameup.sync.fault.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The updates that wait for the thread of a {@code StateWriter}, and when it commits them. The methods that add may be
 * called by any thread; {@link #take}, {@link #settle} and {@link #fail} by the writer's thread only.
 *
 * <p>A position may be left out of a commit and kept back by the writer. Until it is committed, nothing added after it
 * counts as settled.
 */
public final class CommitQueue {
    /** Bounds the memory if the disk is stuck: adding more waits. */
    private static final int MAX_WAITING = 100_000;

    /**
     * Updates for one commit.
     *
     * @param notified run after the commit
     * @param whole whether a position is to be committed too
     * @param last how many updates had been added when it was taken
     */
    public record Taken(List<StateUpdate> updates, List<Runnable> notified, boolean whole, long last) {}

    private final long intervalNanos;
    private final ReentrantLock lock = new ReentrantLock();
    /** There is something to commit, or a reason to commit it at once. */
    private final Condition wanted = lock.newCondition();
    /** Updates were taken or settled, or no more ever will be. */
    private final Condition advanced = lock.newCondition();

    private List<StateUpdate> waiting = new ArrayList<>();
    private List<Runnable> notified = new ArrayList<>();
    private boolean isUrgent;
    private long added;
    private long settled;
    private boolean gathering;
    /** When everything gathered is to be committed, by {@link System#nanoTime()}; meaningless if nothing is. */
    private long due;

    private boolean atOnce;
    private boolean closed;
    private @Nullable Fault failure;

    /** @param interval how long updates are gathered for one commit */
    public CommitQueue(Duration interval) {
        this.intervalNanos = interval.toNanos();
    }

    public void add(StateUpdate update) {
        lock.lock();
        try {
            awaitRoom();
            waiting.add(update);
            gather(1);
        } finally {
            lock.unlock();
        }
    }

    /** @param soon whether they are committed as soon as the thread is free */
    public void add(List<StateUpdate> updates, boolean soon, Runnable done) {
        lock.lock();
        try {
            awaitRoom();
            waiting.addAll(updates);
            notified.add(done);
            gather(updates.size());
            if (soon) {
                isUrgent = true;
                wanted.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() {
        while (waiting.size() >= MAX_WAITING && failure == null) {
            atOnce = true;
            wanted.signal();
            advanced.awaitUninterruptibly();
        }
        throwIfFailed();
        if (closed) {
            throw new IllegalStateException("the writer is closed");
        }
    }

    /** Wakes the thread for the first update only: a thousand needless wake-ups a second take a core from the sender. */
    private void gather(int count) {
        added += count;
        if (!gathering) {
            gathering = true;
            due = System.nanoTime() + intervalNanos;
            wanted.signal();
        }
    }

    /** Waits until everything added so far is settled. */
    public void flush() {
        lock.lock();
        try {
            long target = added;
            if (settled < target) {
                atOnce = true;
                wanted.signal();
            }
            while (settled < target && failure == null) {
                advanced.awaitUninterruptibly();
            }
            throwIfFailed();
        } finally {
            lock.unlock();
        }
    }

    /** Accepts no more updates. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            wanted.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for updates that are due.
     *
     * @param keptBack whether the writer keeps back a position
     * @return null if the queue is closed and nothing is left
     */
    @Nullable
    public Taken take(boolean keptBack) {
        lock.lock();
        try {
            awaitWork(keptBack);
            if (nothingLeft(keptBack)) {
                return null;
            }
            boolean whole = closed || atOnce || untilDue() <= 0;
            Taken taken = new Taken(waiting, notified, whole, added);
            gathering &= !whole;
            waiting = new ArrayList<>();
            notified = new ArrayList<>();
            isUrgent = false;
            atOnce = false;
            advanced.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private boolean nothingLeft(boolean keptBack) {
        return waiting.isEmpty() && notified.isEmpty() && !keptBack;
    }

    private long untilDue() {
        return due - System.nanoTime();
    }

    private void awaitWork(boolean keptBack) {
        try {
            while (!closed) {
                if (nothingLeft(keptBack)) {
                    wanted.awaitUninterruptibly();
                } else if (atOnce || isUrgent || untilDue() <= 0) {
                    return;
                } else {
                    wanted.awaitNanos(untilDue());
                }
            }
        } catch (InterruptedException e) {
            // Nothing in the program interrupts this thread. Commit what is waiting; closing ends the thread.
            Thread.currentThread().interrupt();
            atOnce = true;
        }
    }

    /** The updates are committed, except for a position that the writer keeps back. */
    public void settle(Taken taken, boolean keptBack) {
        lock.lock();
        try {
            if (keptBack) {
                return;
            }
            settled = taken.last();
            advanced.signalAll();
            if (!taken.whole()) {
                gathering = !nothingLeft(false);
                due = System.nanoTime() + intervalNanos;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Drops all updates; every later call throws the fault. */
    public void fail(Fault fault) {
        lock.lock();
        try {
            failure = fault;
            waiting = new ArrayList<>();
            notified = new ArrayList<>();
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void throwIfFailed() {
        if (failure != null) {
            throw failure;
        }
    }
}
