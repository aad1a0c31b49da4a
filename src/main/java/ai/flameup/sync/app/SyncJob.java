package ai.flameup.sync.app;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.observe.MetricsFile;
import ai.flameup.sync.pipeline.Pipeline;
import ai.flameup.sync.source.Catalog;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Markers;
import ai.flameup.sync.source.Slot;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateDirectory;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
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

    /**
     * @param untilCaughtUp whether to end once everything that was committed before the start is delivered
     * @param stallTimeout without progress for so long, a finite run gives up
     * @param deadline a finite run gives up after it
     * @param exitWhenHalted whether a run ends where it would wait for an operator
     * @param metricsFile to be written at the end; null for none
     */
    public record Options(
            boolean untilCaughtUp,
            Duration stallTimeout,
            Duration deadline,
            boolean exitWhenHalted,
            @Nullable MetricsFile metricsFile) {
        public Options(boolean untilCaughtUp, Duration stallTimeout, Duration deadline, boolean exitWhenHalted) {
            this(untilCaughtUp, stallTimeout, deadline, exitWhenHalted, null);
        }
    }

    private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);
    /** A server that restarts is back in seconds. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private final Settings settings;
    private final Options options;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Semaphore lookNow = new Semaphore(0);
    private final Counters counters;
    private final Monitor monitor;
    private final Watch watch;
    /** Instead of the API, for a run that changes nothing outside of its store; null for a real one. */
    private final Pipeline.@Nullable Sender pretended;

    private final long start = System.nanoTime();
    /** Whether the last run, or the last look of this one, halted because too many persons were refused. */
    private boolean rejected;

    private boolean warned;

    public SyncJob(Settings settings, Options options) {
        this(settings, options, new Counters(), null);
    }

    /** @param pretended what takes the place of the API, while the slot stays where it is; null for a real run */
    SyncJob(Settings settings, Options options, Counters counters, Pipeline.@Nullable Sender pretended) {
        this.settings = settings;
        this.options = options;
        this.counters = counters;
        this.monitor = new Monitor(settings, mode(options), counters);
        this.watch = new Watch(monitor, settings.maxRetainedWal());
        this.pretended = pretended;
    }

    private static String mode(Options options) {
        return options.untilCaughtUp() ? "until-caught-up" : "run";
    }

    /** What was done so far; may be asked from any thread. */
    public Counters counters() {
        return counters;
    }

    /** Ends the run soon, with everything that is delivered by then recorded. */
    public void stop() {
        stop.countDown();
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
                // What is wrong before the first start leaves nothing behind.
                look(database);
            }
            try (StateDirectory directory = StateDirectory.open(settings.stateDirectory())) {
                return in(directory, database);
            }
        });
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
        try (Watch watching = watch;
                Database database = new Database(settings.postgres())) {
            LOG.debug("Watched by {}", watching);
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
        rejected = store.lastExitCode().equals(Optional.of(ExitCode.REJECTED.code()));
        long id = store.startRun(mode(options), Instant.now());
        ExitCode code = ExitCode.BUG;
        try {
            code = untilEnd(directory, database, store);
            return code;
        } catch (Fault fault) {
            code = fault.exitCode();
            throw fault;
        } finally {
            store.endRun(id, Instant.now(), code.code(), counters.delivered(), counters.parked(), counters.requests());
            if (pretended == null) {
                LOG.info("{}", counters);
            }
        }
    }

    /** Again and again where the run is to outlast what an operator has to mend. */
    private ExitCode untilEnd(StateDirectory directory, Database database, StateStore store)
            throws InterruptedException {
        Resyncing resyncing = new Resyncing(store, settings.onSlotLost());
        boolean full = false;
        while (true) {
            Optional<Resync> asked = resyncing.asked();
            Duration pause;
            try {
                if (full) {
                    // Or each look would send again what it then cannot record.
                    directory.demandRoom();
                }
                ExitCode code = once(database, store, resyncing);
                if (pretended != null || isGivenUp() || resyncing.asked().isEmpty()) {
                    return code;
                }
                continue;
            } catch (Fault fault) {
                if (resyncing.isCalledForBy(fault, () -> settings.identity(look(database)))) {
                    continue;
                }
                rejected = fault.exitCode() == ExitCode.REJECTED;
                if (fault.exitCode() == ExitCode.REFUSED && settings.reloadSecrets()) {
                    LOG.info("The token was refused, and there is a new one in its file: trying that");
                    continue;
                }
                if (!outlasts(fault, store)) {
                    throw fault;
                }
                full = fault.exitCode() == ExitCode.STORE;
                pause = Database.isPassing(fault) ? away(fault) : halted(fault);
            }
            awaitNextLook(pause, () -> !resyncing.asked().equals(asked));
            if (stop.getCount() == 0) {
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

    private Catalog look(Database database) {
        database.reach();
        return Catalog.read(database, names -> Mapper.columnsNeeded(settings.mapping(), names));
    }

    private ExitCode once(Database database, StateStore store, Resyncing resyncing) throws InterruptedException {
        Catalog catalog = look(database);
        warnOfSharedIds(database);
        Table table = table(catalog);
        Identity identity = settings.identity(catalog);
        Slot slot = new Slot(database, pretended == null);
        monitor.starting("waiting for slot %s to be made or free"
                .formatted(settings.postgres().slot()));
        Optional<Resync> asked = pretended == null ? resyncing.asked() : Optional.empty();
        if (asked.isPresent() && !resyncing.begin(asked.get(), identity, table, slot, stop, this::make)) {
            return givenUp();
        }
        store.identity().ifPresent(stored -> stored.check(identity));
        if (store.position().isEmpty() && !begin(slot, store, identity, table)) {
            return givenUp();
        }
        String publication = slot.checkPublication(table.read());
        if (store.publication().isEmpty()) {
            store.publication(publication);
        } else if (!store.publication().get().equals(publication)) {
            throw slot.publicationWasMissing();
        }
        Lsn position = store.position().orElseThrow();
        SlotGuard guard = new SlotGuard(database, slot, store, () -> position, store::gap);
        guard.demandServer();
        slot.awaitFree(position, stop);
        if (stop.getCount() > 0) {
            guard.demandWitness();
        }
        slot.advance(position);
        checkName(slot, store);
        return nothingToDo(database, slot, store) ? ExitCode.DONE : runThrough(database, table, store, slot);
    }

    private static void checkName(Slot slot, StateStore store) {
        String version = slot.tableVersion();
        if (store.tableVersion().filter(version::equals).isEmpty()) {
            if (store.tableVersion().isPresent()) {
                LOG.info("The table was altered since the last look: looking whether it bore another name meanwhile");
                slot.demandOneName();
            }
            store.tableVersion(version);
        }
    }

    private void warnOfSharedIds(Database database) {
        String column = settings.mapping().userId();
        if (!warned && !Catalog.isUnique(database, column)) {
            LOG.warn(
                    "mapping.user-id: column {} has no unique index of its own: rows that share an id become one person, whose state is that of the row changed last",
                    column);
        }
        warned = true;
    }

    private Table table(Catalog catalog) {
        return catalog.table(
                Mapper.columnsNeeded(settings.mapping(), catalog.columns().keySet()));
    }

    private boolean isGivenUp() {
        return stop.getCount() == 0
                || (options.untilCaughtUp()
                        && System.nanoTime() - start > options.deadline().toNanos());
    }

    /** Where nothing has begun there is no progress but the time that it takes. */
    private boolean isStalled(long since) {
        return options.untilCaughtUp()
                && System.nanoTime() - since > options.stallTimeout().toNanos();
    }

    private ExitCode givenUp() {
        return options.untilCaughtUp() ? ExitCode.TRY_LATER : ExitCode.DONE;
    }

    private ExitCode runThrough(Database database, Table table, StateStore store, Slot slot)
            throws InterruptedException {
        Mapper mapper = new Mapper(settings.mapping(), table.columns());
        if (pretended != null) {
            return runThrough(database, table, mapper, store, slot, pretended);
        }
        try (PeopleApi api = new PeopleApi(settings.flameup(), Version.current())) {
            return runThrough(database, table, mapper, store, slot, new Sending(api, counters));
        }
    }

    private ExitCode runThrough(
            Database database, Table table, Mapper mapper, StateStore store, Slot slot, Pipeline.Sender sender)
            throws InterruptedException {
        Run run = new Run(
                settings, options, rejected, database, table, mapper, store, slot, sender, counters, monitor, stop);
        try {
            return run.untilEnd();
        } finally {
            run.close();
        }
    }

    /**
     * The first start of a store. Once the store has a position, all that the first load needs is in it.
     *
     * @return whether it has one; not where the slot could not be made before the end
     */
    private boolean begin(Slot slot, StateStore store, Identity identity, Table table) throws InterruptedException {
        slot.ensurePublication();
        // Looked at before the slot is made: one that is replaced from here on is told from it.
        String publication = slot.checkPublication(table.read());
        Optional<Slot.Seen> seen = slot.awaitIdle(stop);
        Lsn begin;
        boolean first = true;
        if (seen.isEmpty()) {
            Optional<Lsn> made = make(slot);
            if (made.isEmpty()) {
                return false;
            }
            begin = made.get();
        } else {
            Lsn confirmed = seen.get().confirmed();
            if (seen.get().active()) {
                return false;
            }
            if (!seen.get().usable() || confirmed == null) {
                throw new Fault(
                        ExitCode.GAP,
                        "Postgres: slot %s was invalidated by the server, and the store is empty; drop the slot, and start again"
                                .formatted(settings.postgres().slot()));
            }
            begin = confirmed;
            first = slot.isUntouched(begin);
            if (!first) {
                LOG.info(
                        "The store is empty and slot {} is there: going on from it",
                        settings.postgres().slot());
            }
        }
        if (!settings.firstLoad()) {
            LOG.info(
                    "delivery.first-load is none: the rows that are there are sent once they change; `flameup-sync backfill"
                            + " start --all` sends them all");
        } else if (store.backfills().open().stream().noneMatch(one -> one.kind().isNeeded())) {
            store.backfills().add(first ? Backfill.Kind.FIRST_LOAD : Backfill.Kind.RELOAD, null, "first start");
        }
        store.adopt(identity, publication, begin);
        return true;
    }

    /** Empty where it was given up. */
    private Optional<Lsn> make(Slot slot) throws InterruptedException {
        long since = System.nanoTime();
        Optional<Lsn> made = slot.create(() -> isGivenUp() || isStalled(since));
        if (made.isEmpty() && stop.getCount() > 0 && isStalled(since)) {
            throw slot.notMade();
        }
        return made;
    }

    /** Tells without an engine that nothing has changed, and moves the position on; as cron likes it. */
    private boolean nothingToDo(Database database, Slot slot, StateStore store) {
        if (!options.untilCaughtUp()
                || store.backfills().open().stream().anyMatch(one -> one.state() != Backfill.State.PAUSED)
                || !store.openRetries().isEmpty()
                || store.hasDeferred()) {
            return false;
        }
        Optional<Lsn> until = slot.nothingUntil();
        if (until.isEmpty()) {
            return false;
        }
        if (slot.moves() && until.get().isAfter(store.position().orElseThrow())) {
            String witness = "idle " + UUID.randomUUID();
            List<StateUpdate> updates = new ArrayList<>(List.of(new StateUpdate.Moved(until.get())));
            new Markers(database).beat(witness, at -> updates.add(new StateUpdate.Witness(witness, at)));
            store.apply(updates);
            slot.advance(until.get());
        }
        return true;
    }
}
