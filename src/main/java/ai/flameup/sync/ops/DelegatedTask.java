package ai.flameup.sync.ops;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.job.RunOptions;
import ai.flameup.sync.job.SyncJob;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StateDirectory;
import ai.flameup.sync.state.StateStore;
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
 * Sees to it that what a command has asked for in the store is done: by the run that holds the state directory, or,
 * where none does or it ends before, by a finite run of our own. What is asked for stays in the store whatever happens,
 * so that a later run does it.
 *
 * <p>For one thread; {@link #stop} may come from any thread at any time.
 */
public final class DelegatedTask implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DelegatedTask.class);
    private static final long LOOK_MILLIS = 500;
    /** A service that is started again is gone for a moment, and then wants the directory for itself. */
    private static final long GRACE_SECONDS = 3;

    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(5);
    /** None, because somebody waits for it and sees how it goes; in numbers that a long can hold as nanoseconds. */
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
     * To be called before anything is asked for: what would keep a run of our own from working is told by then.
     *
     * @param path where there is a store
     * @param load loads the whole configuration; asked only where no run holds the directory
     * @throws Fault of {@code load}
     */
    public static DelegatedTask begin(Path path, Supplier<Settings> load) {
        DelegatedTask errand = new DelegatedTask(path, load);
        try {
            errand.take();
            return errand;
        } catch (RuntimeException e) {
            errand.close();
            throw e;
        }
    }

    /**
     * Sees to it that there is a store, where nothing has begun yet: whoever asks for something before the first run gets
     * the first start with it.
     *
     * @throws Fault 2 where the slot is there and the store is not: that is most often another state directory, and a new
     *     store would move the slot on under the one that it belongs to; 75 where another process is making it
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
                        ("there is no store in %s, but slot %s is there: name the state directory of the run that it belongs to"
                                        + " (state.directory, or STATE_DIRECTORY); if there is none any more, begin with `flameup-sync run`")
                                .formatted(path, settings.postgres().slot()));
            }
        }
        try (StateDirectory held = StateDirectory.open(path);
                StateStore made = StateStore.open(path)) {
            LOG.debug("Made {} in {}", made, held);
        }
    }

    /** The pid of the run that does the work, or "unknown"; empty where we do it ourselves. */
    public Optional<String> worker() {
        return directory == null ? StateDirectory.holder(path) : Optional.empty();
    }

    /**
     * Waits until it is done, or does it.
     *
     * @param done whether what was asked for has been done
     * @return {@link ExitCode#DONE} or {@link ExitCode#ATTENTION} when it is done, {@link ExitCode#TRY_LATER} when stopped
     * @throws Fault what keeps our own run from doing it
     */
    public ExitCode await(Predicate<StateStore> done) throws InterruptedException {
        while (directory == null) {
            if (isDone(done)) {
                return ExitCode.DONE;
            }
            if (stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return ExitCode.TRY_LATER;
            }
            if (StateDirectory.holder(path).isEmpty() && !stop.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                take();
            }
        }
        return isDone(done) ? ExitCode.DONE : work(directory);
    }

    private boolean isDone(Predicate<StateStore> done) {
        // Not kept open: the last one to close the store leaves it in order, and that is to be the run.
        try (StateStore store = StateStore.openBeside(path)) {
            return done.test(store);
        }
    }

    private void take() {
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
