package ai.flameup.sync.doctor.postgres;

import ai.flameup.sync.doctor.finding.Checklist;
import ai.flameup.sync.doctor.finding.Finding;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.ConnectionLimits;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.catalog.Preconditions.Part;
import ai.flameup.sync.source.catalog.ServerUsage;
import ai.flameup.sync.source.catalog.WatchCheck;
import ai.flameup.sync.source.slot.RetainedWal;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.StoreContents;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs the checks of Postgres, in their order. For one thread, once. */
public final class PostgresExamination {
    private final DoctorInput subject;
    private final Database database;
    private final KnownStore store;
    private final Continuity continuity;
    private final Checklist checks;
    private Map<Part, List<String>> problems = Map.of();
    private @Nullable Catalog catalog;

    public PostgresExamination(
            DoctorInput subject, Database database, KnownStore store, Continuity continuity, Checklist checks) {
        this.subject = subject;
        this.database = database;
        this.store = store;
        this.continuity = continuity;
        this.checks = checks;
    }

    public void run() throws InterruptedException {
        boolean usable = checks.run("server", this::server);
        Catalog known = catalog;
        if (!usable || known == null) {
            checks.skip("everything else in Postgres: the server cannot be used");
            return;
        }
        checks.run("wal_level", () -> reported(Part.WAL_LEVEL, "wal_level", "logical"));
        // Before the replication connection, which counts until the server has noticed its end.
        checks.run(
                "replication slots",
                () -> new ServerCheck(ServerUsage.read(database), ConnectionLimits.read(database)).findings());
        boolean mayReplicate = checks.run(
                "role", () -> reported(Part.ROLE, "role", subject.postgres().username() + " may replicate"));
        if (mayReplicate) {
            checks.run("stream", this::stream);
        }
        Slot slot = table(known);
        // A slot of another server continues nothing, whatever its positions are.
        boolean isOfStore = checks.run("source", () -> source(known));
        checks.run(SlotCheck.NAME, () -> slot(slot, isOfStore, mayReplicate));
        checks.run("retained wal", () -> new WalCheck(
                        RetainedWal.read(database),
                        subject.sidecar().maxRetainedWal(),
                        subject.command("run --until-caught-up"))
                .findings());
    }

    /** Returns the slot, which the checks of the publication need first. */
    private Slot table(Catalog catalog) throws InterruptedException {
        boolean mapped = problems.getOrDefault(Part.COLUMNS, List.of("")).isEmpty();
        List<String> columns = mapped
                ? MappedColumns.needed(subject.mapping(), catalog.columns().keySet())
                : List.of();
        TableCheck table = new TableCheck(database, subject.mapping(), catalog, problems, columns);
        checks.run("table", table);
        if (!MappedColumns.expressions(subject.mapping()).isEmpty()) {
            checks.run(ExpressionFindings.NAME, new ExpressionFindings(database, subject.mapping()));
        }
        List<WatchedTable> watched = new ArrayList<>();
        boolean found = !table.canBeInspected()
                || checks.run(WatchFindings.NAME, () -> {
                    watched.addAll(WatchCheck.of(database, subject.mapping().watch()));
                    return List.of();
                });
        Slot slot = new Slot(database, false, watched);
        if (table.canBeInspected()) {
            PublicationCheck publication = new PublicationCheck(
                    database,
                    slot,
                    catalog.table(columns).watching(watched),
                    store.content(),
                    subject.command("setup"));
            checks.run(PublicationCheck.NAME, publication);
            if (found) {
                checks.run(PublicationCheck.NAME, publication::others);
                checks.run(WatchFindings.NAME, new WatchFindings(database, watched));
            } else {
                checks.skip("other tables in the publication: a watched table cannot be inspected");
            }
        } else {
            checks.skip("columns, user id, replica identity and publication: the table cannot be inspected");
        }
        return slot;
    }

    private List<Finding> slot(Slot slot, boolean isOfStore, boolean mayReplicate) {
        Optional<SlotState> seen = slot.inspect();
        // A run that holds the directory inspects the slot itself, and would have to wait for this process.
        boolean free = !store.held()
                && mayReplicate
                && seen.filter(one -> !one.active()).isPresent();
        boolean older = free
                && store.position().isEmpty()
                && seen.filter(SlotState::usable).isPresent()
                && slot.history().mayBeOlderThanPublication();
        List<Finding> found = new SlotCheck(subject, slot, seen, store, older).findings();
        if (isOfStore) {
            store.content()
                    .filter(known -> known.position().isPresent())
                    .ifPresent(known -> requireContinued(known, slot, free));
        }
        return found;
    }

    private void requireContinued(StoreContents known, Slot slot, boolean free) {
        try {
            continuity.demand(known, database, slot, free);
        } catch (Fault fault) {
            // A process that has started to stream meanwhile prevents the inspection of the slot.
            boolean taken = free && slot.inspect().filter(SlotState::active).isPresent();
            if (fault.exitCode() == ExitCode.GAP || !taken) {
                throw fault;
            }
        }
    }

    /** Without the table and the slot, which are in the configuration: the store was checked against that before. */
    private List<Finding> source(Catalog catalog) {
        Optional<Identity> known = store.content().flatMap(StoreContents::identity);
        known.ifPresent(stored -> stored.check(new Identity(
                new Identity.Server(catalog.systemIdentifier(), catalog.timeline()),
                catalog.database(),
                stored.table(),
                stored.slot(),
                stored.destination())));
        String server = "system %s, timeline %s, database %s"
                .formatted(catalog.systemIdentifier(), catalog.timeline(), catalog.database());
        return List.of(Finding.ok("source", server + (known.isPresent() ? ", same as in the store" : "")));
    }

    private List<Finding> server() {
        String answering = database.reach();
        problems = Preconditions.problems(database, names -> MappedColumns.needed(subject.mapping(), names));
        List<Finding> findings = reported(
                Part.SERVER,
                "server",
                "PostgreSQL %s at %s"
                        .formatted(
                                ServerUsage.read(database).version(),
                                subject.postgres().hasSeveralHosts()
                                        ? "%s, the primary of %s"
                                                .formatted(
                                                        answering,
                                                        subject.postgres().address())
                                        : subject.postgres().address()));
        if (findings.stream().noneMatch(Finding::isFailed)) {
            catalog = Catalog.read(database);
        }
        return findings;
    }

    private List<Finding> stream() {
        database.reachForReplication();
        return List.of(Finding.ok("stream", "a replication connection can be opened"));
    }

    private List<Finding> reported(Part part, String name, String fine) {
        List<String> wrong = problems.getOrDefault(part, List.of());
        return wrong.isEmpty() ? List.of(Finding.ok(name, fine)) : Finding.failed(ExitCode.POSTGRES, name, wrong);
    }
}
