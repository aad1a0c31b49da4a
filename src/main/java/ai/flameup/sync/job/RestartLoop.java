package ai.flameup.sync.job;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.resume.ResyncStart;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import ai.flameup.sync.status.Monitor;
import ai.flameup.sync.status.Remedies;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs again after each halt and outage, until the job is stopped, is caught up, or has a fault that ends it. For one
 * thread.
 */
final class RestartLoop {
    private static final Logger LOG = LoggerFactory.getLogger(RestartLoop.class);

    private static final Duration HALTED_PAUSE = Duration.ofMinutes(1);
    /** A server that restarts is back in seconds. */
    private static final Duration OUTAGE_PAUSE = Duration.ofSeconds(5);

    private final Settings settings;
    private final RunOptions options;
    private final RunDeadline deadline;
    private final Monitor monitor;
    private final Semaphore checkNow;
    private final StateDirectory directory;
    private final Database database;
    private final StateStore store;
    private final ResyncStart resyncing;
    private final RunPreparation preparation;

    /** @param checkNow released to end a pause */
    RestartLoop(JobContext context, Semaphore checkNow, StateDirectory directory, Database database, StateStore store) {
        this.settings = context.settings();
        this.options = context.options();
        this.deadline = context.deadline();
        this.monitor = context.monitor();
        this.checkNow = checkNow;
        this.directory = directory;
        this.database = database;
        this.store = store;
        this.resyncing = new ResyncStart(
                store,
                settings.source().onSlotLost(),
                settings.mapping().onDelete() != MappingSettings.OnDelete.IGNORE);
        this.preparation = new RunPreparation(context, database, store, resyncing);
    }

    /**
     * @param rejectedBefore whether the last process halted because too many persons were refused
     * @return the exit code of a run without a fault
     * @throws Fault that ends the job
     */
    ExitCode run(boolean rejectedBefore) throws InterruptedException {
        boolean rejected = rejectedBefore;
        boolean full = false;
        while (true) {
            Optional<Resync> asked = resyncing.requested();
            Duration pause;
            try {
                if (full) {
                    // Otherwise each attempt would send again what it then cannot record.
                    directory.requireRoom();
                }
                Optional<ExitCode> code = preparation.run(rejected);
                if (code.isPresent()) {
                    return code.get();
                }
                if (deadline.isGivenUp()) {
                    return deadline.code();
                }
                continue;
            } catch (Fault thrown) {
                Fault fault = named(thrown);
                if (resyncing.isCalledForBy(
                        fault, () -> settings.identity(RunPreparation.inspect(settings, database)))) {
                    continue;
                }
                if (deadline.isGivenUpBy(fault)) {
                    return deadline.code();
                }
                rejected |= fault.exitCode() == ExitCode.REJECTED;
                if (fault.exitCode() == ExitCode.REFUSED && settings.reloadSecrets()) {
                    LOG.info("The token was refused; trying the new token from its file");
                    continue;
                }
                if (!survives(fault)) {
                    throw fault;
                }
                full = fault.exitCode() == ExitCode.STORE;
                pause = PostgresFailures.isTransient(fault) ? outage(fault) : halt(fault);
            }
            awaitNextAttempt(pause, () -> !resyncing.requested().equals(asked));
            if (deadline.isStopped()) {
                return ExitCode.DONE;
            }
            settings.reloadSecrets();
        }
    }

    /** For a missing right the server names only the table. */
    private Fault named(Fault fault) {
        if (PostgresFailures.isPrivilegeMissing(fault)) {
            try {
                RunPreparation.inspect(settings, database);
            } catch (Fault withColumns) {
                return withColumns;
            }
        }
        return fault;
    }

    private Duration outage(Fault fault) {
        if (monitor.unavailable(fault)) {
            fault.problems().forEach(problem -> LOG.warn("{}. Retrying every few seconds", problem));
        }
        return OUTAGE_PAUSE;
    }

    private Duration halt(Fault fault) {
        if (monitor.halted(fault)) {
            fault.problems().forEach(problem -> LOG.error("Halted: {}", problem));
            LOG.info(
                    "Suggested fix: {} Checking again every minute, and on SIGHUP",
                    monitor.status().remedy());
        }
        return HALTED_PAUSE;
    }

    private void awaitNextAttempt(Duration pause, BooleanSupplier hasNewRequest) throws InterruptedException {
        long next = System.nanoTime() + pause.toNanos();
        boolean now = false;
        while (!now && !hasNewRequest.getAsBoolean() && System.nanoTime() < next) {
            now = checkNow.tryAcquire(1, TimeUnit.SECONDS);
        }
        checkNow.drainPermits();
    }

    /** A job that has never worked reports its fault and ends; one that has worked waits until the cause is fixed. */
    private boolean survives(Fault fault) {
        return !options.untilCaughtUp()
                && !options.exitWhenHalted()
                && Remedies.needsOperator(fault)
                && store.position().isPresent();
    }
}
