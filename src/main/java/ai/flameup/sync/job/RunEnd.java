package ai.flameup.sync.job;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Why a run ends: a failure, or a reason to prepare it again. The first one decides. Thread-safe. */
final class RunEnd {
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /** The run cannot continue: a {@link Fault}, or a bug. */
    void fail(Throwable why) {
        end.completeExceptionally(why);
    }

    /** The run has to be prepared again: the table was altered, or a resync was requested. */
    void restart() {
        end.complete(null);
    }

    boolean isRestart() {
        return end.isDone() && !end.isCompletedExceptionally();
    }

    /**
     * Waits for the end.
     *
     * @return whether the run has to be prepared again; false if the time is over
     * @throws Fault why the run cannot continue
     */
    boolean await(Duration time) throws InterruptedException {
        try {
            end.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Fault fault ? fault : new IllegalStateException(e.getCause());
        }
    }

    /** Whether the run failed because changes may be missing: then its slot is not the one that was read. */
    boolean isGap() {
        return end.isCompletedExceptionally()
                && end.handle((done, why) -> why instanceof Fault fault && fault.exitCode() == ExitCode.GAP)
                        .join();
    }
}
