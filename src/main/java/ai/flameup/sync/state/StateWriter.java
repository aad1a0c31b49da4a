package ai.flameup.sync.state;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.update.CommitQueue;
import ai.flameup.sync.state.update.CommitQueue.Taken;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.state.update.StateUpdate.PositionAdvanced;
import ai.flameup.sync.state.update.UpdateBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Commits updates in groups, on its own thread, in the order in which they were added.
 *
 * <p>INVARIANT: a position is reported as committed only after the commit of it and of everything added before it. After
 * a failed commit nothing more is committed or reported.
 *
 * <p>INVARIANT: a commit with a position is on the disk before it is reported; a commit without one need not be. A loss of
 * power may undo the newest commits, all of which are newer than the position, and their changes and rows are read again
 * from there. Killing the process undoes none of them. SQLite's log keeps the order: the next commit that reaches the disk
 * takes the earlier ones along. There may be a thousand urgent commits a second. They leave a position out until its own
 * time has come, so that they need not wait for the disk.
 *
 * <p>May be shared between threads; the order of what two threads add at once is undefined. The functions handed in run on
 * the writer's thread and must not call the writer. Closing it leaves the store open.
 */
public final class StateWriter implements AutoCloseable {
    private final StateStore store;
    private final Consumer<Lsn> committed;
    private final Consumer<Fault> failed;
    private final CommitQueue queue;
    private final Thread thread;

    /** A position that is not committed yet, although all that was added before it is. Used by the thread only. */
    private @Nullable PositionAdvanced keptBack;

    /**
     * @param every how long updates are gathered for one commit
     * @param committed receives the newest position of each commit that has one
     * @param failed receives the failure of a commit, once
     */
    public StateWriter(StateStore store, Duration every, Consumer<Lsn> committed, Consumer<Fault> failed) {
        this.store = store;
        this.committed = committed;
        this.failed = failed;
        this.queue = new CommitQueue(every);
        this.thread = new Thread(this::run, "state-writer");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Returns at once, unless 100,000 updates wait for the disk.
     *
     * @throws Fault the failure, if a commit has failed
     */
    public void add(StateUpdate update) {
        queue.add(update);
    }

    /**
     * As {@link #add}, in order with everything that was added before, but committed as soon as the thread is free.
     *
     * @param done run on the writer's thread once the updates, and all that was added before them except positions, are
     *     committed: from then on a killed process does not lose them. Never run if a commit fails
     * @throws Fault the failure, if a commit has failed
     */
    public void addUrgent(List<StateUpdate> updates, Runnable done) {
        queue.add(updates, true, done);
    }

    /**
     * As {@link #addUrgent}, but committed with what else is gathered.
     *
     * @param done as there
     */
    public void add(List<StateUpdate> updates, Runnable done) {
        queue.add(updates, false, done);
    }

    /**
     * Waits until everything added so far is committed and reported.
     *
     * @throws Fault the failure, if a commit has failed
     */
    public void flush() {
        queue.flush();
    }

    /** Commits what was added, and ends the thread. A failure is reported to {@code failed}, and not thrown. */
    @Override
    public void close() {
        queue.close();
        joinThread();
    }

    /** Waits even if interrupted: a commit takes seconds at most, and the store must not be closed during it. */
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
            for (Taken taken = queue.take(false); taken != null; taken = queue.take(keptBack != null)) {
                commit(taken);
            }
        } catch (Fault e) {
            fail(e);
        } catch (RuntimeException | Error e) {
            // Not hidden: it ends the process with the exit code of a bug. Without it, callers would wait forever.
            fail(new Fault(ExitCode.BUG, "recording what was delivered failed unexpectedly: " + e, e));
        }
    }

    private void commit(Taken taken) {
        List<StateUpdate> updates = new ArrayList<>(taken.updates());
        if (keptBack != null) {
            updates.add(0, keptBack);
        }
        UpdateBatch batch = UpdateBatch.of(updates);
        Lsn position = batch.position();
        if (position != null && taken.whole()) {
            store.apply(batch.whole());
            keptBack = null;
            committed.accept(position);
        } else {
            keptBack = batch.moved();
            store.applyUnforced(batch.updates());
        }
        taken.notified().forEach(Runnable::run);
        queue.settle(taken, keptBack != null);
    }

    private void fail(Fault fault) {
        queue.fail(fault);
        failed.accept(fault);
    }
}
