package ai.flameup.sync.status;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.fence.Scan;
import ai.flameup.sync.source.slot.RetainedWal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a job from outside and tells the {@link Monitor}: at the store every two seconds, at the server every five,
 * each by a thread of its own, so that the one that hangs keeps nothing from being shown. Writes what is shown into the
 * state directory, and says once a minute how it goes, where it goes.
 */
public final class StatusPoller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusPoller.class);
    private static final long STORE_SECONDS = 2;
    private static final long SERVER_SECONDS = 5;
    private static final int LOOK_TICKS = 5;
    private static final Duration COUNT_EVERY = Duration.ofMinutes(30);
    private static final int SAMPLE_TICKS = 10;
    private static final int SUMMARY_TICKS = 60;
    /** So long a status file may be as it is, for whoever asks whether the process still works. */
    private static final Duration WRITE_AT_LEAST = Duration.ofSeconds(10);

    private final Monitor monitor;
    private final RetainedWalLog retained;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(3, task -> {
        Thread thread = new Thread(task, "watch");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable StatusFile file;
    private volatile Runnable observers = () -> {};
    private volatile @Nullable PolledStore store;
    private volatile @Nullable String lastBug;
    private @Nullable Status written;
    private int ticks;
    /** Only for the server's look. */
    private volatile Instant countedAt = Instant.EPOCH;

    /** @param maxRetainedWal in bytes */
    public StatusPoller(Monitor monitor, long maxRetainedWal) {
        this.monitor = monitor;
        this.retained = new RetainedWalLog(maxRetainedWal);
    }

    public void start() {
        every(1, this::tick);
    }

    /** From now on the server is looked at. */
    public void server(Database database) {
        every(SERVER_SECONDS, () -> look(database));
    }

    /** From now on the status is written into the directory, which is ours. */
    public synchronized void writeTo(Path directory) {
        file = new StatusFile(directory);
    }

    /** From now on these are told every few seconds that they may look. */
    public void tell(Runnable look) {
        observers = look;
    }

    /** From now on the store is looked at. */
    public void store(Path directory) {
        store = new PolledStore(directory);
        every(STORE_SECONDS, this::lookAtStore);
    }

    private void look(Database database) {
        RetainedWal wal = RetainedWal.look(database);
        monitor.saw(wal);
        retained.saw(wal);
        Instant now = Instant.now();
        if (Duration.between(countedAt, now).compareTo(COUNT_EVERY) >= 0) {
            countedAt = now;
            // Never a count: it may take minutes, on the application's server.
            Scan.analyzed(database).ifPresent(monitor::people);
        }
    }

    private void lookAtStore() {
        PolledStore open = store;
        if (open != null) {
            open.look(monitor::saw);
        }
    }

    private void every(long seconds, Runnable look) {
        var unused = threads.scheduleWithFixedDelay(() -> carefully(look), 0, seconds, TimeUnit.SECONDS);
    }

    /** Whoever works tells what is wrong; whoever looks on tries again. */
    private void carefully(Runnable look) {
        try {
            look.run();
        } catch (Fault passing) {
            LOG.debug("Not seen: {}", passing.getMessage());
        } catch (RuntimeException bug) {
            // It would not be called again, and nobody would know; each second the same says no more.
            if (!bug.toString().equals(lastBug)) {
                lastBug = bug.toString();
                LOG.error("Internal error, please report this bug: the status is incomplete", bug);
            }
        }
    }

    private void tick() {
        monitor.tick();
        ticks++;
        if (ticks % SAMPLE_TICKS == 0) {
            monitor.sample();
        }
        if (ticks % SUMMARY_TICKS == 0) {
            summarize();
        }
        write(false);
        if (ticks % LOOK_TICKS == 0) {
            observers.run();
        }
    }

    private void summarize() {
        long delivered = monitor.lastMinute();
        if (delivered > 0) {
            Status status = monitor.status();
            Double lag = status.source().lag().seconds();
            LOG.info(
                    "Delivered {} in the last minute, lag {}, {} waiting",
                    String.format(Locale.ROOT, "%,d", delivered),
                    lag == null ? "unknown" : String.format(Locale.ROOT, "%.1f s", lag),
                    String.format(Locale.ROOT, "%,d", status.delivery().work().waiting()));
        }
    }

    private synchronized void write(boolean anyway) {
        StatusFile to = file;
        if (to == null) {
            return;
        }
        Status now = monitor.status();
        Status before = written;
        if (anyway
                || before == null
                || !now.withAt(before.at()).equals(before)
                || Duration.between(before.at(), now.at()).compareTo(WRITE_AT_LEAST) >= 0) {
            to.write(now);
            written = now;
        }
    }

    /** Lets the store go, after a last look at it. */
    public void leaveStore() {
        carefully(this::lookAtStore);
        PolledStore open = store;
        store = null;
        if (open != null) {
            open.close();
        }
    }

    /** Lets the directory go, with a last word in the file. */
    public synchronized void leave() {
        write(true);
        file = null;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
