package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Whether the sidecar has settled every change up to a position. Waits for an active run. For one thread. */
record RunProgress(Path directory, StopSignal stop) {
    private static final long PATIENCE_SECONDS = 60;
    private static final long POLL_MILLIS = 200;

    /**
     * Waits up to a minute for the active run, if there is one.
     *
     * @return whether everything up to the position is settled
     * @throws ai.flameup.sync.fault.Fault 75 when stopped
     */
    boolean awaitIfActive(StateStore store, Lsn end) throws InterruptedException {
        if (!isBehind(store, end)) {
            return true;
        }
        if (StateDirectory.holder(directory).isEmpty()) {
            return false;
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (isBehind(store, end)) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            stop.await(POLL_MILLIS);
        }
        return true;
    }

    private static boolean isBehind(StateStore store, Lsn end) {
        return store.position().filter(position -> !end.isAfter(position)).isEmpty();
    }
}
