package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Commits updates in groups, on a thread of its own, in the order in which they were added.
 *
 * <p>INVARIANT: a position is told as committed only after the commit that holds it and everything added before it. Once
 * a commit has failed nothing more is committed or told.
 *
 * <p>May be shared between threads; what two threads add at once has no order. Neither of the functions handed in may
 * call the writer: they run on its thread. Closing it leaves the store open.
 */
public final class StateWriter implements AutoCloseable {
    /** Bounds the memory where the disk stands still: whoever adds more waits. */
    private static final int MOST_WAITING = 100_000;

    private final StateStore store;
    private final long everyNanos;
    private final Consumer<Lsn> committed;
    private final Consumer<Fault> failed;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    /** There is something to commit, or a reason to commit it at once. */
    private final Condition wanted = lock.newCondition();
    /** Something was taken or committed, or nothing ever will be. */
    private final Condition advanced = lock.newCondition();

    private List<StateUpdate> waiting = new ArrayList<>();
    private long added;
    private long settled;
    private boolean atOnce;
    private boolean closed;
    private @Nullable Fault failure;

    /**
     * @param every how long updates are gathered for one commit
     * @param committed told of the newest position of each commit
     * @param failed told once, when a commit has failed
     */
    public StateWriter(StateStore store, Duration every, Consumer<Lsn> committed, Consumer<Fault> failed) {
        this.store = store;
        this.everyNanos = every.toNanos();
        this.committed = committed;
        this.failed = failed;
        this.thread = new Thread(this::run, "state-writer");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Returns at once, unless very much is waiting for the disk.
     *
     * @throws Fault the one that was told, if a commit has failed
     */
    public void add(StateUpdate update) {
        lock.lock();
        try {
            while (waiting.size() >= MOST_WAITING && failure == null) {
                atOnce = true;
                wanted.signal();
                advanced.awaitUninterruptibly();
            }
            throwIfFailed();
            if (closed) {
                throw new IllegalStateException("the writer is closed");
            }
            waiting.add(update);
            added++;
            wanted.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until everything added so far is committed and told.
     *
     * @throws Fault the one that was told, if a commit has failed
     */
    public void flush() {
        lock.lock();
        try {
            long target = added;
            atOnce = true;
            wanted.signal();
            while (settled < target && failure == null) {
                advanced.awaitUninterruptibly();
            }
            throwIfFailed();
        } finally {
            lock.unlock();
        }
    }

    /** Commits what was added, and ends the thread. A failure is told as any other is, and not thrown. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            wanted.signal();
        } finally {
            lock.unlock();
        }
        joinThread();
    }

    /** A commit takes seconds at most, and leaving it alone would let the store be closed under it. */
    private void joinThread() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (List<StateUpdate> batch = take(); !batch.isEmpty(); batch = take()) {
                commit(batch);
            }
        } catch (Fault e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            // Not hidden: it ends the process with the exit code of a bug, and nobody waits for this thread for ever.
            fail(new Fault(ExitCode.BUG, "recording what was delivered failed unexpectedly: " + e, e));
        }
    }

    /** Empty when the writer is closed and nothing is left. */
    private List<StateUpdate> take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                wanted.awaitUninterruptibly();
            }
            gather();
            List<StateUpdate> batch = waiting;
            waiting = new ArrayList<>();
            atOnce = false;
            advanced.signalAll();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void gather() {
        long left = everyNanos;
        try {
            while (left > 0 && !atOnce && !closed) {
                left = wanted.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; what is waiting is committed, and closing ends it.
            Thread.currentThread().interrupt();
        }
    }

    private void commit(List<StateUpdate> added) {
        UpdateBatch batch = UpdateBatch.of(added);
        store.apply(batch.updates());
        if (batch.position() != null) {
            committed.accept(batch.position());
        }
        lock.lock();
        try {
            settled += added.size();
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Fault fault) {
        lock.lock();
        try {
            failure = fault;
            waiting = new ArrayList<>();
            advanced.signalAll();
        } finally {
            lock.unlock();
        }
        failed.accept(fault);
    }

    private void throwIfFailed() {
        if (failure != null) {
            throw failure;
        }
    }
}
