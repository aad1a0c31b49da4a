package ai.flameup.sync.job;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.metrics.MetricsFile;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.resume.UnclaimedSlot;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import ai.flameup.sync.status.Counters;
import ai.flameup.sync.status.Monitor;
import ai.flameup.sync.status.Observers;
import ai.flameup.sync.status.StatusPoller;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run, from the first check to the exit code: opens and wires everything, and closes it in reverse order.
 * {@link #run} is called once; {@link #stop} and {@link #reload} may be called from any thread at any time.
 */
public final class SyncJob {
    private static final Logger LOG = LoggerFactory.getLogger(SyncJob.class);

    private final Settings settings;
    private final RunOptions options;
    private final RunDeadline deadline;
    private final Semaphore checkNow = new Semaphore(0);
    private final Monitor monitor;
    private final StatusPoller poller;
    private final JobContext context;

    public SyncJob(Settings settings, RunOptions options) {
        this(settings, options, new Counters(), null);
    }

    /** @param pretended takes the persons instead of the API, and the slot does not move; null for a real run */
    public SyncJob(Settings settings, RunOptions options, Counters counters, @Nullable PeopleSender pretended) {
        this.settings = settings;
        this.options = options;
        this.monitor = new Monitor(settings, mode(options), counters);
        this.poller = new StatusPoller(monitor, settings.maxRetainedWal());
        this.deadline = new RunDeadline(options);
        this.context = new JobContext(settings, options, deadline, monitor, pretended);
    }

    private static String mode(RunOptions options) {
        return options.untilCaughtUp() ? "until-caught-up" : "run";
    }

    /** What the run has done so far. Thread-safe. */
    public Counters counters() {
        return context.counters();
    }

    /** Ends the run soon. Everything that is delivered by then is recorded. */
    public void stop() {
        deadline.stop().countDown();
        checkNow.release();
    }

    /** Reads the token again, and checks at once whether a halted run can resume. */
    public void reload() {
        settings.reloadSecrets();
        checkNow.release();
    }

    /**
     * @return the exit code of a run without a fault
     * @throws Fault that needs an operator
     */
    public ExitCode run() {
        return connected(database -> {
            if (!StateStore.isAt(settings.stateDirectory())) {
                try {
                    checkFirstStart(database);
                } catch (Fault fault) {
                    if (deadline.isGivenUpBy(fault)) {
                        return deadline.code();
                    }
                    throw fault;
                }
            }
            try (StateDirectory directory = StateDirectory.open(settings.stateDirectory())) {
                return in(directory, database);
            }
        });
    }

    /** A failure before the first start must not create anything. */
    private void checkFirstStart(Database database) {
        RunPreparation.inspect(settings, database);
        database.reachForReplication();
        if (context.isReal() && !options.takesOverSlot()) {
            new UnclaimedSlot(settings, new Slot(database, false)).check();
        }
    }

    /** As {@link #run()}, for a caller who holds the directory already, so that no other process can take it. */
    public ExitCode run(StateDirectory directory) {
        return connected(database -> in(directory, database));
    }

    private interface Connected {
        ExitCode run(Database database) throws InterruptedException;
    }

    private ExitCode connected(Connected work) {
        settings.origin().notices().forEach(notice -> LOG.warn("{}; {}", notice.message(), notice.remedy()));
        try (StatusPoller polling = poller;
                Database database = new Database(settings.postgres());
                StopLimit limit = new StopLimit(deadline, database)) {
            LOG.debug("Polled by {}, bounded by {}", polling, limit);
            if (context.isReal()) {
                poller.start();
                poller.pollServer(database);
            }
            return reportingEnd(() -> work.run(database));
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

    /** Called at each level that shows the status, so that its last report is the end. */
    private ExitCode reportingEnd(Ending work) throws InterruptedException {
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
        if (!context.isReal()) {
            return withStore(directory, database);
        }
        poller.writeTo(directory.path());
        try {
            return reportingEnd(() -> observed(directory, database));
        } finally {
            poller.stopWriting();
        }
    }

    private ExitCode observed(StateDirectory directory, Database database) throws InterruptedException {
        try (Observers observers =
                Observers.open(settings.observe(), directory.path(), monitor, options.untilCaughtUp())) {
            poller.callRegularly(observers::publish);
            return reportingEnd(() -> withStore(directory, database));
        }
    }

    private ExitCode withStore(StateDirectory directory, Database database) throws InterruptedException {
        try (StateStore store = StateStore.open(settings.stateDirectory())) {
            if (context.isReal()) {
                poller.pollStore(settings.stateDirectory());
            }
            try {
                return recorded(directory, database, store);
            } finally {
                poller.closeStore();
            }
        }
    }

    private ExitCode recorded(StateDirectory directory, Database database, StateStore store)
            throws InterruptedException {
        Counters counters = counters();
        boolean rejected = store.runs()
                .last()
                .filter(run -> run.exitCode() == ExitCode.REJECTED.code())
                .isPresent();
        long id = store.runs().start(mode(options), Instant.now());
        ExitCode code = ExitCode.BUG;
        try {
            code = new RestartLoop(context, checkNow, directory, database, store).run(rejected);
            return code;
        } catch (Fault fault) {
            code = fault.exitCode();
            throw fault;
        } finally {
            store.runs()
                    .end(id, Instant.now(), code.code(), counters.delivered(), counters.parked(), counters.requests());
            if (context.isReal()) {
                LOG.info("{}", counters);
            }
        }
    }
}
