package ai.flameup.sync.job;

import ai.flameup.sync.fault.Fault;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Runs work on a separate thread, and abandons it if the process must end before the work does. A thread that waits for
 * a server cannot always be interrupted. Stateless.
 */
final class AbandonableTask {
    private static final long POLL_MILLIS = 50;

    private AbandonableTask() {}

    interface Work {
        void run() throws InterruptedException;
    }

    /**
     * @param isGivenUp whether the process must end; until then the wait has no limit
     * @param limit of the wait from then on
     * @return whether the work has ended
     * @throws Fault of the work
     */
    static boolean run(String name, Work work, BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            work.run();
            return true;
        });
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        while (!isGivenUp.getAsBoolean()) {
            if (isDone(task, POLL_MILLIS)) {
                return true;
            }
        }
        return isDone(task, limit.toMillis());
    }

    private static boolean isDone(FutureTask<Boolean> task, long millis) throws InterruptedException {
        try {
            return task.get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Fault fault ? fault : new IllegalStateException(e.getCause());
        }
    }
}
