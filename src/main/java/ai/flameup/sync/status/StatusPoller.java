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
 * Polls the store every second and the server every five, and reports to the {@link Monitor}. Each has a thread,
 * so that a server that hangs does not stop the status. Writes the files of status and history, and logs a summary every minute in
 * which persons were delivered.
 */
public final class StatusPoller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StatusPoller.class);
    private static final long STORE_SECONDS = 1;
    private static final long SERVER_SECONDS = 5;
    private static final int OBSERVER_TICKS = 5;
    private static final Duration COUNT_EVERY = Duration.ofMinutes(1);
    private static final int SAMPLE_TICKS = 10;
    private static final int SUMMARY_TICKS = 60;
    /** The maximum age of the status file: its readers infer from it whether the process still works. */
    private static final Duration WRITE_AT_LEAST = Duration.ofSeconds(10);

    private final Monitor monitor;
    private final RetainedWalLog retained;
    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(3, task -> {
        Thread thread = new Thread(task, "watch");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable StatusFile file;
    private @Nullable HistoryFile historyFile;
    private volatile Runnable observers = () -> {};
    private volatile @Nullable PolledStore store;
    private volatile @Nullable String lastBug;
    private @Nullable Status written;
    private int ticks;
    /** Only for the thread that polls the server. */
    private volatile Instant countedAt = Instant.EPOCH;

    /** @param maxRetainedWal in bytes */
    public StatusPoller(Monitor monitor, long maxRetainedWal) {
        this.monitor = monitor;
        this.retained = new RetainedWalLog(maxRetainedWal);
    }

    public void start() {
        every(1, this::tick);
    }

    /** Starts to poll the server. */
    public void pollServer(Database database) {
        every(SERVER_SECONDS, () -> readServer(database));
    }

    /** Starts to write the status file into a directory that the job holds, and restores the history from there. */
    public synchronized void writeTo(Path directory) {
        file = new StatusFile(directory);
        historyFile = new HistoryFile(directory);
        monitor.history().restore(historyFile.read(), Instant.now());
    }

    /** Calls the observers every few seconds from now on. */
    public void callRegularly(Runnable observe) {
        observers = observe;
    }

    /** Starts to poll the store. */
    public void pollStore(Path directory) {
        store = new PolledStore(directory);
        every(STORE_SECONDS, this::readStore);
    }

    private void readServer(Database database) {
        RetainedWal wal = RetainedWal.read(database);
        monitor.record(wal);
        retained.record(wal);
        Instant now = Instant.now();
        if (Duration.between(countedAt, now).compareTo(COUNT_EVERY) >= 0) {
            countedAt = now;
            // An estimate, because counting the rows may take minutes on the application's server.
            Scan.analyzed(database).ifPresent(monitor::people);
        }
    }

    private void readStore() {
        PolledStore open = store;
        if (open != null) {
            open.read(monitor::record);
        }
    }

    private void every(long seconds, Runnable poll) {
        var unused = threads.scheduleWithFixedDelay(() -> guarded(poll), 0, seconds, TimeUnit.SECONDS);
    }

    /** Ignores faults: the job reports them itself, and the next poll retries. */
    private void guarded(Runnable poll) {
        try {
            poll.run();
        } catch (Fault passing) {
            LOG.debug("Not checked: {}", passing.getMessage());
        } catch (RuntimeException bug) {
            // The executor would silently stop calling it. The same bug is not logged every second.
            if (!bug.toString().equals(lastBug)) {
                lastBug = bug.toString();
                LOG.error("Internal error, please report this bug: the status is incomplete", bug);
            }
        }
    }

    private void tick() {
        monitor.tick();
        ticks++;
        keepHistory(ticks % SAMPLE_TICKS == 0, ticks % SUMMARY_TICKS == 0);
        if (ticks % SUMMARY_TICKS == 0) {
            summarize();
        }
        write(false);
        if (ticks % OBSERVER_TICKS == 0) {
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

    /** @param anyway whether to write the file even if there is no new event */
    private synchronized void keepHistory(boolean sample, boolean anyway) {
        Status now = monitor.status();
        boolean news = monitor.history().record(now);
        if (sample) {
            monitor.history().sample(now);
        }
        HistoryFile to = historyFile;
        if (to != null && (news || anyway)) {
            to.write(monitor.history().at(now.at()));
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

    /** Polls the store a last time, and closes it. */
    public void closeStore() {
        guarded(this::readStore);
        PolledStore open = store;
        store = null;
        if (open != null) {
            open.close();
        }
    }

    /** Writes the files a last time, and stops writing them. */
    public synchronized void stopWriting() {
        keepHistory(true, true);
        write(true);
        file = null;
        historyFile = null;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
