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
 * Reads rows on a separate thread, as fast as the pipeline accepts them. The causes of reading take turns, a page at a
 * time, so that none delays another, however much it has to read and whatever fails. {@link #start} and {@link #stop}
 * are called once; {@link #request} may be called from any thread.
 */
public final class ReadScheduler {
    private static final Logger LOG = LoggerFactory.getLogger(ReadScheduler.class);
    /** The time within which a request of another process is noticed. */
    private static final long POLL_MILLIS = 500;

    private static final long JOIN_MILLIS = 50;
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long MAX_PAUSE_MILLIS = 15_000;

    private final String name;
    private final List<Turn> turns;
    private final Semaphore asked = new Semaphore(0);
    private final Consumer<Throwable> failed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    /** Whether the pipeline accepts the rows of another page. If not, {@link #request} is called once it does. */
    public interface Room {
        boolean isFree();
    }

    /** Reads the pages of one cause. */
    public interface Pages {
        /**
         * Reads the next page, if there is one.
         *
         * @return whether there may be more now
         */
        boolean next(CountDownLatch stop) throws InterruptedException;
    }

    /** @param name for messages, capitalized */
    public record Cause(String name, Room room, Pages pages) {}

    /** @param name of the thread */
    public ReadScheduler(String name, List<Cause> causes, Consumer<Throwable> failed) {
        this.name = name;
        this.turns = causes.stream().map(Turn::new).toList();
        this.failed = failed;
    }

    public void start() {
        Thread started = new Thread(this::run, name);
        thread = started;
        started.start();
    }

    private void run() {
        try {
            while (stop.getCount() > 0) {
                boolean more = false;
                for (Turn turn : turns) {
                    more |= stop.getCount() > 0 && turn.read();
                }
                if (!more && asked.tryAcquire(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    asked.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            failed.accept(failure);
        }
    }

    /** There is something to read: starts the next round at once. */
    public void request() {
        asked.release();
    }

    /** The turns of one cause. If the server is unavailable, they pause. */
    private final class Turn {
        private final Cause cause;
        private long pause = FIRST_PAUSE_MILLIS;
        private long pausedAt;
        private boolean paused;

        Turn(Cause cause) {
            this.cause = cause;
        }

        boolean read() throws InterruptedException {
            if (paused && System.nanoTime() - pausedAt < TimeUnit.MILLISECONDS.toNanos(pause)) {
                return false;
            }
            if (!cause.room.isFree()) {
                return false;
            }
            try {
                boolean more = cause.pages.next(stop);
                paused = false;
                pause = FIRST_PAUSE_MILLIS;
                return more;
            } catch (Fault fault) {
                if (!PostgresFailures.isTransient(fault)) {
                    throw fault;
                }
                if (!paused) {
                    LOG.warn("{} waits: {}", cause.name, fault.getMessage());
                }
                paused = true;
                pause = Math.min(MAX_PAUSE_MILLIS, pause * 2);
                pausedAt = System.nanoTime();
                return false;
            }
        }
    }

    /** Stops reading, and waits for nothing. */
    public void requestStop() {
        stop.countDown();
        asked.release();
        Thread started = thread;
        if (started != null) {
            started.interrupt();
        }
    }

    /**
     * Stops reading and waits for the page in progress.
     *
     * @param isGivenUp whether the process must end; until then the wait has no limit
     * @param limit of the wait from then on
     * @return whether reading has ended
     */
    public boolean stop(BooleanSupplier isGivenUp, Duration limit) throws InterruptedException {
        requestStop();
        Thread started = thread;
        if (started != null) {
            while (started.isAlive() && !isGivenUp.getAsBoolean()) {
                started.join(JOIN_MILLIS);
            }
            started.join(limit.toMillis());
            return !started.isAlive();
        }
        return true;
    }
}
