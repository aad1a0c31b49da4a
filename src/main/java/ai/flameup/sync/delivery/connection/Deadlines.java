package ai.flameup.sync.delivery.connection;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends requests whose time is over, whatever their connections do: the library's own time-out restarts with every byte.
 * One thread checks all of them periodically, so that a request only costs an entry in a set. Thread-safe.
 */
public final class Deadlines implements AutoCloseable {
    private static final int CHECKS_PER_TIMEOUT = 20;
    private static final Duration MIN_INTERVAL = Duration.ofMillis(5);
    private static final Duration MAX_INTERVAL = Duration.ofMillis(250);

    /** A request with a limit. */
    public interface Timed {
        /** When its time is over, by {@code System.nanoTime()}. */
        long deadline();

        /** Its time is over. Called until it is removed. */
        void expire();

        /** No request is sent any more. */
        void giveUp();
    }

    private final Set<Timed> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "flameup-deadlines");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param timeout of the requests. They end at most a twentieth of it, or 250 ms, later
     */
    public Deadlines(Duration timeout) {
        long every = Math.min(
                MAX_INTERVAL.toMillis(), Math.max(MIN_INTERVAL.toMillis(), timeout.toMillis() / CHECKS_PER_TIMEOUT));
        // It ends with the executor. There is no result to wait for.
        Future<?> unused = clock.scheduleWithFixedDelay(this::check, every, every, TimeUnit.MILLISECONDS);
    }

    public void add(Timed exchange) {
        open.add(exchange);
    }

    public void remove(Timed exchange) {
        open.remove(exchange);
    }

    private void check() {
        long now = System.nanoTime();
        for (Timed exchange : open) {
            if (now - exchange.deadline() > 0) {
                exchange.expire();
            }
        }
    }

    /** Ends the requests that are still open. */
    @Override
    public void close() {
        clock.shutdownNow();
        open.forEach(Timed::giveUp);
    }
}
