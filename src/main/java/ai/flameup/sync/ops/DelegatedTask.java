package ai.flameup.sync.ops;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.job.RunOptions;
import ai.flameup.sync.job.SyncJob;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a request in the store carried out: by the run that holds the state directory or, if there is none or it ends, by
 * a finite run in this process. The request stays in the store until it is done, so a later run can do it.
 *
 * <p>For one thread; {@link #stop} may be called from any thread at any time.
 */
public final class DelegatedTask implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DelegatedTask.class);
    private static final long POLL_MILLIS = 500;
    /** A service that restarts releases the directory for a moment, and then needs it again. */
    private static final long GRACE_SECONDS = 3;

    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(5);
    /** No deadline, because the operator watches the command. The nanoseconds must fit into a long. */
    private static final Duration DEADLINE = Duration.ofDays(36_500);

    private final Path path;
    private final Supplier<Settings> load;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable StateDirectory directory;
    private @Nullable Settings settings;
    private volatile @Nullable SyncJob job;

    private DelegatedTask(Path path, Supplier<Settings> load) {
        this.path = path;
        this.load = load;
    }

    /**
     * To be called before the request is stored, so that what would prevent a run in this process is reported first.
     *
     * @param path the state directory, with a store
     * @param load loads the whole configuration; called only if no run holds the directory
     * @throws Fault of {@code load}
     */
    public static DelegatedTask begin(Path path, Supplier<Settings> load) {
        DelegatedTask task = new DelegatedTask(path, load);
        try {
            task.receive();
            return task;
        } catch (RuntimeException e) {
            task.close();
            throw e;
        }
    }

    /**
     * Creates the store if there is none, so that a request before the first run causes the first start.
     *
     * @throws Fault 2 if the slot exists without a store: most often the state directory is the wrong one, and a new
     *     store would advance a slot that another store needs; 75 if another process is creating it
     */
    public static void makeStore(Settings settings) {
        Path path = settings.stateDirectory();
        if (StateStore.isAt(path)) {
            return;
        }
        try (Database database = Database.readOnly(settings.postgres())) {
            if (new Slot(database, false).inspect().isPresent()) {
                throw new Fault(
                        ExitCode.USAGE,
                        ("there is no store in %s, but slot %s exists. Set state.directory or STATE_DIRECTORY to the directory of"
                                        + " the run that uses the slot. If that store is lost, start with `flameup-sync run --yes`")
                                .formatted(path, settings.postgres().slot()));
            }
        }
        try (StateDirectory held = StateDirectory.open(path);
                StateStore made = StateStore.open(path)) {
            LOG.debug("Made {} in {}", made, held);
        }
    }

    /** The pid of the run that does the work, or "unknown"; empty if this process does it. */
    public Optional<String> worker() {
        return directory == null ? StateDirectory.holder(path) : Optional.empty();
    }

    /**
     * Waits until the request is done, or does it.
     *
     * @param done whether the request is done
     * @return {@link ExitCode#DONE} or {@link ExitCode#ATTENTION} when it is done, {@link ExitCode#TRY_LATER} when
     *     stopped
     * @throws Fault that prevents the run in this process
     */
    public ExitCode await(Predicate<StateStore> done) throws InterruptedException {
        while (directory == null) {
            if (isDone(done)) {
                return ExitCode.DONE;
            }
            if (stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                return ExitCode.TRY_LATER;
            }
            if (StateDirectory.holder(path).isEmpty() && !stop.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                receive();
            }
        }
        return isDone(done) ? ExitCode.DONE : work(directory);
    }

    private boolean isDone(Predicate<StateStore> done) {
        // Not kept open: the last process to close the store checkpoints it, which should be the run.
        try (StateStore store = StateStore.openShared(path)) {
            return done.test(store);
        }
    }

    private void receive() {
        try {
            directory = StateDirectory.open(path);
        } catch (Fault fault) {
            if (fault.exitCode() != ExitCode.TRY_LATER) {
                throw fault;
            }
            return;
        }
        settings = load.get();
    }

    private ExitCode work(StateDirectory held) {
        Settings loaded = settings;
        if (loaded == null) {
            throw new IllegalStateException("the directory is taken without the settings");
        }
        SyncJob own = new SyncJob(loaded, new RunOptions(true, STALL_TIMEOUT, DEADLINE, true));
        job = own;
        if (stop.getCount() == 0) {
            own.stop();
        }
        return own.run(held);
    }

    /** Ends {@link #await} soon. */
    public void stop() {
        stop.countDown();
        SyncJob own = job;
        if (own != null) {
            own.stop();
        }
    }

    @Override
    public void close() {
        if (directory != null) {
            directory.close();
        }
    }
}
