package ai.flameup.sync.backfill;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresFailures;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads rows on a thread of its own, as fast as the pipeline takes them. Each cause of reading has its turn after every
 * other, a page at a time, so that none keeps another waiting, however much it has to read and whatever fails.
 */
public final class ReadScheduler {
    private static final Logger LOG = LoggerFactory.getLogger(ReadScheduler.class);
    /** How soon a request of another process is seen. */
    private static final long LOOK_MILLIS = 500;

    private static final long JOIN_MILLIS = 50;
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long MOST_PAUSE_MILLIS = 15_000;

    private final Room room;
    private final List<Turn> turns;
    private final Semaphore asked = new Semaphore(0);
    private final Consumer<Throwable> failed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    /** Waits until the rows of another page can be taken. */
    public interface Room {
        void await() throws InterruptedException;
    }

    /** Reads the next page of its rows, if there is one. */
    public interface Pages {
        /** @return whether there may be more now */
        boolean next(CountDownLatch stop) throws InterruptedException;
    }

    /** @param name for messages, with a capital */
    public record Cause(String name, Pages pages) {}

    public ReadScheduler(Room room, List<Cause> causes, Consumer<Throwable> failed) {
        this.room = room;
        this.turns = causes.stream().map(Turn::new).toList();
        this.failed = failed;
    }

    public void start() {
        Thread started = new Thread(this::run, "scan");
        thread = started;
        started.start();
    }

    private void run() {
        try {
            while (stop.getCount() > 0) {
                boolean more = false;
                for (Turn turn : turns) {
                    more |= stop.getCount() > 0 && turn.take();
                }
                if (!more && asked.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    asked.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            failed.accept(failure);
        }
    }

    /** There is something to read: do not wait for the next look. */
    public void ask() {
        asked.release();
    }

    /** The turns of one cause. If the server is away, it is passed over for a while. */
    private final class Turn {
        private final Cause cause;
        private long pause = FIRST_PAUSE_MILLIS;
        private long pausedAt;
        private boolean paused;

        Turn(Cause cause) {
            this.cause = cause;
        }

        boolean take() throws InterruptedException {
            if (paused && System.nanoTime() - pausedAt < TimeUnit.MILLISECONDS.toNanos(pause)) {
                return false;
            }
            room.await();
            try {
                boolean more = cause.pages.next(stop);
                paused = false;
                pause = FIRST_PAUSE_MILLIS;
                return more;
            } catch (Fault fault) {
                if (!PostgresFailures.isPassing(fault)) {
                    throw fault;
                }
                if (!paused) {
                    LOG.warn("{} waits: {}", cause.name, fault.getMessage());
                }
                paused = true;
                pause = Math.min(MOST_PAUSE_MILLIS, pause * 2);
                pausedAt = System.nanoTime();
                return false;
            }
        }
    }

    /**
     * @param isGivenUp whether the process is to end
     * @param limit of the wait for a page under way, counted from then on
     * @return whether the reading has ended
     */
    public boolean stop(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        stop.countDown();
        asked.release();
        Thread started = thread;
        if (started != null) {
            // It may wait for room in the pipeline, which nothing makes any more.
            started.interrupt();
            while (started.isAlive() && !isGivenUp.getAsBoolean()) {
                started.join(JOIN_MILLIS);
            }
            started.join(limit.toMillis());
            return !started.isAlive();
        }
        return true;
    }
}
