package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.resume.KeyColumns;
import ai.flameup.sync.resume.ResyncStart;
import ai.flameup.sync.resume.SlotGuard;
import ai.flameup.sync.resume.UnclaimedSlot;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.ExpressionCheck;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.catalog.WatchAssessment;
import ai.flameup.sync.source.catalog.WatchCheck;
import ai.flameup.sync.source.fence.Markers;
import ai.flameup.sync.source.slot.PublicationVersion;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotContent;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.update.StateUpdate;
import ai.flameup.sync.status.Monitor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares a run: checks the server, the slot and the table against the store, creates the slot and the publication if they
 * are missing, and runs. A job has one instance, which it uses again after each halt and outage. For one thread.
 */
final class RunPreparation {
    private static final Logger LOG = LoggerFactory.getLogger(RunPreparation.class);

    private final JobContext context;
    private final Settings settings;
    private final Monitor monitor;
    private final RunDeadline deadline;
    private final Database database;
    private final StateStore store;
    private final ResyncStart resyncs;
    private boolean warned;

    RunPreparation(JobContext context, Database database, StateStore store, ResyncStart resyncs) {
        this.context = context;
        this.settings = context.settings();
        this.monitor = context.monitor();
        this.deadline = context.deadline();
        this.database = database;
        this.store = store;
        this.resyncs = resyncs;
    }

    /**
     * Checks the source, the store and the slot, then runs.
     *
     * @param rejected whether the previous run halted because too many persons were refused
     * @return the exit code of a finished run; empty if the preparation has to start again
     * @throws Fault if the run cannot start or continue
     */
    Optional<ExitCode> run(boolean rejected) throws InterruptedException {
        Catalog catalog = inspect(settings, database);
        Table table = table(catalog);
        warnOfSharedIds();
        Identity identity = settings.identity(catalog);
        Slot slot = new Slot(database, context.isReal(), table.watched());
        FirstStart first = new FirstStart(
                store,
                new UnclaimedSlot(settings, slot),
                new SlotContent(database, slot),
                deadline,
                context.options().takesOverSlot());
        monitor.starting("waiting for slot %s to be made or free"
                .formatted(settings.postgres().slot()));
        Optional<Resync> asked = context.isReal() ? resyncs.requested() : Optional.empty();
        if (asked.isPresent() || store.position().isEmpty()) {
            // Checked before a publication or slot is created or dropped: both are useless without replication access.
            database.reachForReplication();
        }
        if (asked.isPresent() && !resyncs.begin(asked.get(), identity, table, slot, deadline.stop(), first::make)) {
            return Optional.of(deadline.code());
        }
        store.identity().ifPresent(stored -> stored.check(identity));
        if (store.position().isEmpty()
                && !first.begin(identity, table, new AddressSurvey(database, table, settings.mapping(), store))) {
            return Optional.of(deadline.code());
        }
        new KeyColumns(database, store).match(catalog);
        PublicationVersion publication = slot.publication().check(table.stored());
        if (!store.publication().map(publication::continues).orElse(true)) {
            throw slot.publication().missed();
        }
        store.publication(publication.text());
        Lsn position = store.position().orElseThrow();
        SlotGuard guard = new SlotGuard(database, slot, () -> SlotGuard.Known.of(store), () -> position, store::gap);
        guard.requireServer();
        slot.awaitFree(position, deadline.stop());
        if (deadline.isStopped()) {
            return Optional.of(deadline.code());
        }
        guard.requireWal();
        requireTraits(catalog);
        MappingChange.record(settings.mapping(), slot.publication().entries(), store, settings.firstLoad());
        slot.advance(position);
        if (isNothingToDo(slot)) {
            return Optional.of(ExitCode.DONE);
        }
        return run(new RunSource(database, slot, table, new Mapper(settings.mapping(), table.columns())), rejected);
    }

    /**
     * @throws Fault with exit code 3 and everything that the server lacks
     */
    static Catalog inspect(Settings settings, Database database) {
        String server = database.reach();
        if (settings.postgres().hasSeveralHosts()) {
            LOG.info("Primary found: server={}", server);
        }
        return Preconditions.checkedCatalog(database, names -> MappedColumns.needed(settings.mapping(), names));
    }

    /**
     * Without {@code mapping.traits}, the documented traits are mapped whose columns exist at the first start. If such a
     * column is dropped later, the trait would silently no longer be sent. This is an error, as for a configured trait.
     */
    private void requireTraits(Catalog catalog) {
        List<String> now = MappingSettings.DOCUMENTED_TRAITS.stream()
                .filter(catalog.columns()::containsKey)
                .toList();
        Optional<List<String>> before = store.defaultTraits();
        if (!settings.mapping().traits().isEmpty() || before.filter(now::equals).isPresent()) {
            return;
        }
        List<String> lost = before.orElse(List.of()).stream()
                .filter(trait -> !now.contains(trait))
                .map(trait ->
                        "mapping.traits: the table has lost column %s, which was mapped because mapping.traits names none; restore the column, or name the remaining ones"
                                .formatted(trait))
                .toList();
        if (!lost.isEmpty()) {
            throw new Fault(ExitCode.POSTGRES, lost, null);
        }
        if (before.isPresent()) {
            LOG.warn(
                    "The table has additional documented columns, which are mapped from now on ({}). `flameup-sync backfill start --all` sends their existing values",
                    String.join(", ", now));
        }
        store.defaultTraits(now);
    }

    private void warnOfSharedIds() {
        String column = settings.mapping().userId();
        if (!warned && !Catalog.isUnique(database, column)) {
            LOG.warn(
                    "mapping.user-id: column {} has no unique index of its own: rows that share an id become one person with the state of the row that changed last",
                    column);
        }
        warned = true;
    }

    private Table table(Catalog catalog) {
        MappingSettings mapping = settings.mapping();
        Table columns =
                catalog.table(MappedColumns.needed(mapping, catalog.columns().keySet()));
        ExpressionCheck expressions = checked(() -> ExpressionCheck.of(database, MappedColumns.expressions(mapping)));
        List<WatchedTable> watched = checked(() -> WatchCheck.of(database, mapping.watch()));
        if (!warned) {
            watched.stream()
                    .flatMap(one -> WatchAssessment.of(database, one).stream())
                    .forEach(remark -> LOG.warn("mapping.watch: {}; {}", remark.problem(), remark.remedy()));
            expressions.warnings().forEach(warning -> LOG.warn("{}", warning));
            expressions
                    .unnoticed(watched)
                    .ifPresent(problem -> LOG.warn("mapping: {}. Add the table to mapping.watch", problem));
        }
        return expressions.with(columns, mapping.timeout()).watching(watched);
    }

    /** A migration may break an expression of a running job, which has to wait for an operator then instead of ending. */
    private <T> T checked(Supplier<T> check) {
        try {
            return check.get();
        } catch (Fault fault) {
            throw warned && fault.exitCode() == ExitCode.USAGE
                    ? new Fault(ExitCode.POSTGRES, fault.problems(), fault)
                    : fault;
        }
    }

    private Optional<ExitCode> run(RunSource source, boolean rejected) throws InterruptedException {
        PeopleSender pretended = context.pretended();
        if (pretended != null) {
            return run(source, pretended, rejected);
        }
        try (PeopleApi api = new PeopleApi(settings.flameup(), Version.current())) {
            return run(source, new CountingSender(api, context.counters()), rejected);
        }
    }

    private Optional<ExitCode> run(RunSource source, PeopleSender sender, boolean rejected)
            throws InterruptedException {
        Run run = new Run(context, source, store, sender, rejected);
        try {
            return run.untilEnd();
        } finally {
            run.close();
        }
    }

    /** Checks without an engine whether nothing has changed, and then advances the position: a run from cron ends fast. */
    private boolean isNothingToDo(Slot slot) {
        if (!context.options().untilCaughtUp()
                || store.backfills().open().stream().anyMatch(one -> one.state() != Backfill.State.PAUSED)
                || !store.pending().isNothing()) {
            return false;
        }
        Optional<Lsn> until = new SlotContent(database, slot).nothingUntil();
        if (until.isEmpty()) {
            return false;
        }
        if (slot.advances() && until.get().isAfter(store.position().orElseThrow())) {
            String witness = "idle " + UUID.randomUUID();
            List<StateUpdate> updates = new ArrayList<>(List.of(new StateUpdate.PositionAdvanced(until.get())));
            new Markers(database)
                    .writeHeartbeat(witness, at -> updates.add(new StateUpdate.HeartbeatSeen(witness, at)));
            store.apply(updates);
            slot.advance(until.get());
        }
        return true;
    }
}
