package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.StateUpdate.Moved;
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
 * <p>INVARIANT: a commit with a position is on the disk before it is told; one without need not be. What the machine's
 * power then takes back are the newest commits, all of them newer than the position, and their changes and rows are read
 * again from there. What a killed process has committed stays either way. SQLite's log keeps the order: the next commit
 * that reaches the disk takes those before it along. So that urgent commits, of which there may be a thousand a second,
 * need not wait for the disk, a position is left out of them until its own time has come.
 *
 * <p>May be shared between threads; what two threads add at once has no order. None of the functions handed in may call
 * the writer: they run on its thread. Closing it leaves the store open.
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
    private List<Runnable> urgent = new ArrayList<>();
    private long added;
    private long settled;
    private boolean gathering;
    /** When everything gathered is to be committed, by {@link System#nanoTime()}; without a meaning if nothing is. */
    private long due;

    private boolean atOnce;
    private boolean closed;
    private @Nullable Fault failure;

    /** A position that is not committed yet, though all that was added before it is. Only the thread knows it. */
    private @Nullable Moved late;

    /**
     * @param every how long updates are gathered for one commit
     * @param committed told of the newest position of each commit that has one
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
            awaitRoom();
            waiting.add(update);
            gather(1);
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #add}, in order with everything that was added before, but committed as soon as the thread is free.
     *
     * @param done run on the writer's thread once the updates, and all that was added before them except positions, are
     *     committed: from then on a killed process does not lose them. Never run where a commit fails
     * @throws Fault the one that was told, if a commit has failed
     */
    public void addUrgent(List<StateUpdate> updates, Runnable done) {
        lock.lock();
        try {
            awaitRoom();
            waiting.addAll(updates);
            urgent.add(done);
            gather(updates.size());
            wanted.signal();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() {
        while (waiting.size() >= MOST_WAITING && failure == null) {
            atOnce = true;
            wanted.signal();
            advanced.awaitUninterruptibly();
        }
        throwIfFailed();
        if (closed) {
            throw new IllegalStateException("the writer is closed");
        }
    }

    /** Wakes the thread for the first of them alone: in vain a thousand times a second takes a core from who sends. */
    private void gather(int count) {
        added += count;
        if (!gathering) {
            gathering = true;
            due = System.nanoTime() + everyNanos;
            wanted.signal();
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
            for (Taken taken = take(); taken != null; taken = take()) {
                commit(taken);
            }
        } catch (Fault e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            // Not hidden: it ends the process with the exit code of a bug, and nobody waits for this thread for ever.
            fail(new Fault(ExitCode.BUG, "recording what was delivered failed unexpectedly: " + e, e));
        }
    }

    /**
     * @param whole whether a position is to be committed too
     * @param last how many updates had been added when it was taken
     */
    private record Taken(List<StateUpdate> updates, List<Runnable> urgent, boolean whole, long last) {}

    /** Null when the writer is closed and nothing is left. */
    private @Nullable Taken take() {
        lock.lock();
        try {
            awaitWork();
            if (nothingLeft()) {
                return null;
            }
            boolean whole = closed || atOnce || untilDue() <= 0;
            Taken taken = new Taken(waiting, urgent, whole, added);
            gathering &= !whole;
            waiting = new ArrayList<>();
            urgent = new ArrayList<>();
            atOnce = false;
            advanced.signalAll();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private boolean nothingLeft() {
        return waiting.isEmpty() && urgent.isEmpty() && late == null;
    }

    private long untilDue() {
        return due - System.nanoTime();
    }

    private void awaitWork() {
        try {
            while (!closed) {
                if (nothingLeft()) {
                    wanted.awaitUninterruptibly();
                } else if (atOnce || !urgent.isEmpty() || untilDue() <= 0) {
                    return;
                } else {
                    wanted.awaitNanos(untilDue());
                }
            }
        } catch (InterruptedException e) {
            // Nobody has a reason to interrupt this thread; what is waiting is committed, and closing ends it.
            Thread.currentThread().interrupt();
            atOnce = true;
        }
    }

    private void commit(Taken taken) {
        List<StateUpdate> updates = new ArrayList<>(taken.updates());
        if (late != null) {
            updates.add(0, late);
        }
        UpdateBatch batch = UpdateBatch.of(updates);
        Lsn position = batch.position();
        if (position != null && taken.whole()) {
            store.apply(batch.whole());
            late = null;
            committed.accept(position);
        } else {
            late = batch.moved();
            store.applyUnforced(batch.updates());
        }
        taken.urgent().forEach(Runnable::run);
        settle(taken);
    }

    private void settle(Taken taken) {
        lock.lock();
        try {
            if (late == null) {
                settled = taken.last();
                advanced.signalAll();
            }
            if (late == null && !taken.whole()) {
                gathering = !nothingLeft();
                due = System.nanoTime() + everyNanos;
            }
        } finally {
            lock.unlock();
        }
    }

    private void fail(Fault fault) {
        lock.lock();
        try {
            failure = fault;
            waiting = new ArrayList<>();
            urgent = new ArrayList<>();
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
