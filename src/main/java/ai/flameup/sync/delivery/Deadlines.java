package ai.flameup.sync.delivery;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends exchanges whose time is over, whatever their connections are doing: the library's own time-out starts again with
 * every byte. One thread looks at all of them now and then, so an exchange costs it an entry in a set. Thread-safe.
 */
final class Deadlines implements AutoCloseable {
    private static final int LOOKS = 20;
    private static final Duration SHORTEST_LOOK = Duration.ofMillis(5);
    private static final Duration LONGEST_LOOK = Duration.ofMillis(250);

    /** A request with a limit. */
    interface Timed {
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
     * @param timeout what exchanges are given; they end that much later at most, and a twentieth of it, or 250 ms
     */
    Deadlines(Duration timeout) {
        long every = Math.min(LONGEST_LOOK.toMillis(), Math.max(SHORTEST_LOOK.toMillis(), timeout.toMillis() / LOOKS));
        // It ends with the executor, and there is nothing to wait for.
        Future<?> unused = clock.scheduleWithFixedDelay(this::look, every, every, TimeUnit.MILLISECONDS);
    }

    void add(Timed exchange) {
        open.add(exchange);
    }

    void remove(Timed exchange) {
        open.remove(exchange);
    }

    private void look() {
        long now = System.nanoTime();
        for (Timed exchange : open) {
            if (now - exchange.deadline() > 0) {
                exchange.expire();
            }
        }
    }

    /** Gives up what is still open. */
    @Override
    public void close() {
        clock.shutdownNow();
        open.forEach(Timed::giveUp);
    }
}
