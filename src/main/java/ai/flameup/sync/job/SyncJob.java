package ai.flameup.sync.job;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.metrics.MetricsFile;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.resume.ResyncStart;
import ai.flameup.sync.resume.UnclaimedSlot;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateDirectory;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.status.Counters;
import ai.flameup.sync.status.Monitor;
import ai.flameup.sync.status.Observers;
import ai.flameup.sync.status.Remedies;
import ai.flameup.sync.status.StatusPoller;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run, from the look at what is there to the exit code: opens everything, decides what is to be done, and closes it
 * in reverse. {@link #run} is called once; {@link #stop} and {@link #reload} may come from any thread at any time.
 */
public final class SyncJob {
    private static final Logger LOG = LoggerFactory.getLogger(SyncJob.class);

    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    /** A server that restarts is back in seconds. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private final Settings settings;
    private final RunOptions options;
    private final RunDeadline patience;
    private final Semaphore lookNow = new Semaphore(0);
    private final Counters counters;
    private final Monitor monitor;
    private final StatusPoller watch;
    /** Instead of the API, for a run that changes nothing outside of its store; null for a real one. */
    private final @Nullable PeopleSender pretended;

    public SyncJob(Settings settings, RunOptions options) {
        this(settings, options, new Counters(), null);
    }

    /** @param pretended what takes the place of the API, while the slot stays where it is; null for a real run */
    public SyncJob(Settings settings, RunOptions options, Counters counters, @Nullable PeopleSender pretended) {
        this.settings = settings;
        this.options = options;
        this.counters = counters;
        this.monitor = new Monitor(settings, mode(options), counters);
        this.watch = new StatusPoller(monitor, settings.maxRetainedWal());
        this.pretended = pretended;
        this.patience = new RunDeadline(options);
    }

    private static String mode(RunOptions options) {
        return options.untilCaughtUp() ? "until-caught-up" : "run";
    }

    /** What was done so far; may be asked from any thread. */
    public Counters counters() {
        return counters;
    }

    /** Ends the run soon, with everything that is delivered by then recorded. */
    public void stop() {
        patience.stop().countDown();
        lookNow.release();
    }

    /** Reads the token again, and looks at once whether a halted run can go on. */
    public void reload() {
        settings.reloadSecrets();
        lookNow.release();
    }

    /**
     * @return the exit code of a run that did what it could
     * @throws Fault what an operator has to mend
     */
    public ExitCode run() {
        return connected(database -> {
            if (!StateStore.isAt(settings.stateDirectory())) {
                try {
                    demandFirstStart(database);
                } catch (Fault fault) {
                    if (isGivenUpBy(fault)) {
                        return patience.code();
                    }
                    throw fault;
                }
            }
            try (StateDirectory directory = StateDirectory.open(settings.stateDirectory())) {
                return in(directory, database);
            }
        });
    }

    /** A failure before the first start creates nothing. */
    private void demandFirstStart(Database database) {
        RunPreparation.look(settings, database);
        database.reachForReplication();
        if (pretended == null && !options.takesOverSlot()) {
            new UnclaimedSlot(settings, new Slot(database, false)).check();
        }
    }

    /** Whether the fault is that of a server that did not answer before the end. */
    private boolean isGivenUpBy(Fault fault) {
        boolean givenUp = patience.isGivenUp() && fault.exitCode() == ExitCode.POSTGRES;
        if (givenUp) {
            LOG.info("Stopped. Last problem: {}", fault.getMessage());
        }
        return givenUp;
    }

    /**
     * As {@link #run()}, for a caller who has taken the directory already, so that nobody comes between; it stays the
     * caller's.
     */
    public ExitCode run(StateDirectory directory) {
        return connected(database -> in(directory, database));
    }

    private interface Connected {
        ExitCode run(Database database) throws InterruptedException;
    }

    private ExitCode connected(Connected work) {
        if (!settings.notInForce().isEmpty()) {
            LOG.warn("Accepted, but not in force yet in this version: {}", String.join(", ", settings.notInForce()));
        }
        settings.notices().forEach(notice -> LOG.warn("{}; {}", notice.message(), notice.remedy()));
        try (StatusPoller watching = watch;
                Database database = new Database(settings.postgres());
                StopLimit limit = new StopLimit(patience, database)) {
            LOG.debug("Watched by {}, ended by {}", watching, limit);
            if (pretended == null) {
                watch.start();
                watch.server(database);
            }
            return told(() -> work.run(database));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.TRY_LATER;
        } finally {
            MetricsFile metrics = options.metricsFile();
            if (metrics != null) {
                metrics.write(monitor.status());
            }
        }
    }

    private interface Ending {
        ExitCode run() throws InterruptedException;
    }

    /** Has the monitor know how it ends. */
    private ExitCode told(Ending work) throws InterruptedException {
        ExitCode code = ExitCode.BUG;
        Fault why = null;
        try {
            code = work.run();
            return code;
        } catch (InterruptedException e) {
            code = ExitCode.TRY_LATER;
            throw e;
        } catch (Fault fault) {
            code = fault.exitCode();
            why = fault;
            throw fault;
        } finally {
            monitor.ended(code, why);
        }
    }

    private ExitCode in(StateDirectory directory, Database database) throws InterruptedException {
        LOG.debug("Holding {}", directory);
        if (pretended != null) {
            return over(directory, database);
        }
        watch.writeTo(directory.path());
        try {
            return told(() -> watched(directory, database));
        } finally {
            watch.leave();
        }
    }

    private ExitCode watched(StateDirectory directory, Database database) throws InterruptedException {
        try (Observers observers =
                Observers.open(settings.observe(), directory.path(), monitor, options.untilCaughtUp())) {
            watch.tell(observers::look);
            return told(() -> over(directory, database));
        }
    }

    private ExitCode over(StateDirectory directory, Database database) throws InterruptedException {
        try (StateStore store = StateStore.open(settings.stateDirectory())) {
            if (pretended == null) {
                watch.store(settings.stateDirectory());
            }
            try {
                return recorded(directory, database, store);
            } finally {
                watch.leaveStore();
            }
        }
    }

    private ExitCode recorded(StateDirectory directory, Database database, StateStore store)
            throws InterruptedException {
        boolean rejected = store.runs()
                .last()
                .filter(run -> run.exitCode() == ExitCode.REJECTED.code())
                .isPresent();
        long id = store.runs().start(mode(options), Instant.now());
        ExitCode code = ExitCode.BUG;
        try {
            code = untilEnd(directory, database, store, rejected);
            return code;
        } catch (Fault fault) {
            code = fault.exitCode();
            throw fault;
        } finally {
            store.runs()
                    .end(id, Instant.now(), code.code(), counters.delivered(), counters.parked(), counters.requests());
            if (pretended == null) {
                LOG.info("{}", counters);
            }
        }
    }

    /** Again and again where the run is to outlast what an operator has to mend. */
    private ExitCode untilEnd(StateDirectory directory, Database database, StateStore store, boolean rejectedBefore)
            throws InterruptedException {
        ResyncStart resyncing = new ResyncStart(database, store, settings.onSlotLost());
        RunPreparation attempt = new RunPreparation(
                settings, options, database, store, resyncing, counters, monitor, pretended, patience);
        boolean rejected = rejectedBefore;
        boolean full = false;
        while (true) {
            Optional<Resync> asked = resyncing.asked();
            Duration pause;
            try {
                if (full) {
                    // Or each look would send again what it then cannot record.
                    directory.demandRoom();
                }
                Optional<ExitCode> code = attempt.run(rejected);
                if (code.isPresent()) {
                    return code.get();
                }
                if (patience.isGivenUp()) {
                    return patience.code();
                }
                continue;
            } catch (Fault fault) {
                if (resyncing.isCalledForBy(fault, () -> settings.identity(RunPreparation.look(settings, database)))) {
                    continue;
                }
                if (isGivenUpBy(fault)) {
                    return patience.code();
                }
                rejected |= fault.exitCode() == ExitCode.REJECTED;
                if (fault.exitCode() == ExitCode.REFUSED && settings.reloadSecrets()) {
                    LOG.info("The token was refused, and there is a new one in its file: trying that");
                    continue;
                }
                if (!outlasts(fault, store)) {
                    throw fault;
                }
                full = fault.exitCode() == ExitCode.STORE;
                pause = PostgresFailures.isPassing(fault) ? away(fault) : halted(fault);
            }
            awaitNextLook(pause, () -> !resyncing.asked().equals(asked));
            if (patience.isStopped()) {
                return ExitCode.DONE;
            }
            settings.reloadSecrets();
        }
    }

    private Duration away(Fault fault) {
        if (monitor.away(fault)) {
            fault.problems().forEach(problem -> LOG.warn("{}; asking again every few seconds", problem));
        }
        return ASK_AGAIN;
    }

    private Duration halted(Fault fault) {
        if (monitor.halted(fault)) {
            fault.problems().forEach(problem -> LOG.error("Halted: {}", problem));
            LOG.info(
                    "What helps: {}. Looking again every minute, and on SIGHUP",
                    monitor.status().remedy());
        }
        return LOOK_AGAIN;
    }

    private void awaitNextLook(Duration pause, BooleanSupplier isAsked) throws InterruptedException {
        long next = System.nanoTime() + pause.toNanos();
        boolean now = false;
        while (!now && !isAsked.getAsBoolean() && System.nanoTime() < next) {
            now = lookNow.tryAcquire(1, TimeUnit.SECONDS);
        }
        lookNow.drainPermits();
    }

    /** A job that has never worked says what is wrong and ends; one that has worked waits until it can go on. */
    private boolean outlasts(Fault fault, StateStore store) {
        return !options.untilCaughtUp()
                && !options.exitWhenHalted()
                && Remedies.isMendedFromOutside(fault)
                && store.position().isPresent();
    }
}
