package ai.flameup.sync.backfill;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.rows.KeyFinder;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfill.State;
import ai.flameup.sync.state.pending.Backfills;
import ai.flameup.sync.status.Counters;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the keys of a backfill's condition on a separate thread, and stores them: a condition may take the server an
 * hour, and other rows are read meanwhile. One thread calls it.
 */
final class KeySearch {
    private static final Logger LOG = LoggerFactory.getLogger(KeySearch.class);
    private static final long WAIT_MILLIS = 50;
    /** If the connection breaks this often during the search, the condition is assumed to be the cause. */
    private static final int MAX_BROKEN = 3;

    private final Backfills backfills;
    private final Backfill backfill;
    private final KeyFinder finder;
    private final Counters counters;
    private final ExecutorService thread;
    private volatile boolean done;
    private int broken;
    private @Nullable Future<?> running;

    KeySearch(Backfills backfills, Backfill backfill, KeyFinder finder, Counters counters, ExecutorService thread) {
        this.backfills = backfills;
        this.backfill = backfill;
        this.finder = finder;
        this.counters = counters;
        this.thread = thread;
        this.done = backfill.keys() != null;
    }

    boolean isDone() {
        return done;
    }

    boolean isRunning() {
        return running != null;
    }

    boolean isHopeless() {
        return broken >= MAX_BROKEN;
    }

    /**
     * Starts the search if it is not running, and waits a moment for its end, because most conditions are quick.
     *
     * @throws Fault of the search
     */
    void advance(CountDownLatch stop) throws InterruptedException {
        Future<?> search = running == null ? thread.submit(() -> find(stop)) : running;
        running = search;
        try {
            search.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            running = null;
        } catch (TimeoutException e) {
            LOG.trace("Not found yet", e);
        } catch (ExecutionException e) {
            running = null;
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void find(CountDownLatch stop) {
        String condition = Objects.requireNonNull(backfill.condition(), "only a condition's keys have to be found");
        finder.check(condition);
        long[] count = {0};
        // The keys that an earlier process has found are those of an earlier moment.
        backfills.restartSearch(backfill.id());
        try {
            finder.where(
                    condition,
                    keys -> {
                        backfills.addKeys(backfill.id(), count[0], keys);
                        count[0] += keys.size();
                        counters.progressed();
                    },
                    () -> isWanted(stop));
        } catch (Fault fault) {
            if (!isWanted(stop)) {
                return;
            }
            // The check before has reached the server each time.
            broken += PostgresFailures.isOfConnection(fault) ? 1 : 0;
            throw fault;
        }
        backfills.keysComplete(backfill.id(), count[0]);
        done = true;
    }

    private boolean isWanted(CountDownLatch stop) {
        return stop.getCount() > 0
                && backfills
                        .one(backfill.id())
                        .filter(one -> one.state() == State.RUNNING)
                        .isPresent();
    }
}
