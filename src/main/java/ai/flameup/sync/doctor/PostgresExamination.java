package ai.flameup.sync.doctor;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.catalog.Catalog;
import ai.flameup.sync.source.catalog.ConnectionLimits;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.catalog.Preconditions.Part;
import ai.flameup.sync.source.catalog.ServerUsage;
import ai.flameup.sync.source.slot.RetainedWal;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import ai.flameup.sync.state.Identity;
import ai.flameup.sync.state.StoreLook;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everything that is looked at in Postgres, in its order. For one thread, once. */
final class PostgresExamination {
    private final Subject subject;
    private final Database database;
    private final Optional<StoreLook> store;
    private final boolean held;
    private final Continuity continuity;
    private final Looks looks;
    private Map<Part, List<String>> problems = Map.of();
    private @Nullable Catalog catalog;

    /** @param held whether a run of ours has the state directory */
    PostgresExamination(
            Subject subject,
            Database database,
            Optional<StoreLook> store,
            boolean held,
            Continuity continuity,
            Looks looks) {
        this.subject = subject;
        this.database = database;
        this.store = store;
        this.held = held;
        this.continuity = continuity;
        this.looks = looks;
    }

    void look() throws InterruptedException {
        boolean usable = looks.look("server", this::server);
        Catalog known = catalog;
        if (!usable || known == null) {
            looks.passOver("everything else at Postgres: the server cannot be used");
            return;
        }
        looks.look("wal_level", () -> told(Part.WAL_LEVEL, "wal_level", "logical"));
        // Before we connect for replication, which counts until the server has seen its end.
        looks.look("replication slots", () -> new ServerCheck(ServerUsage.at(database), ConnectionLimits.read(database))
                .look());
        boolean mayReplicate = looks.look(
                "role", () -> told(Part.ROLE, "role", subject.postgres().username() + " may replicate"));
        if (mayReplicate) {
            looks.look("stream", this::stream);
        }
        Slot slot = new Slot(database, false);
        table(known, slot);
        // A slot of another server continues nothing, whatever its numbers are.
        boolean isOfStore = looks.look("source", () -> source(known));
        looks.look(SlotCheck.NAME, () -> slot(slot, isOfStore, mayReplicate));
        looks.look("retained wal", () -> new WalCheck(
                        RetainedWal.read(database), subject.maxRetainedWal(), subject.command("run --until-caught-up"))
                .look());
    }

    private void table(Catalog catalog, Slot slot) throws InterruptedException {
        boolean mapped = problems.getOrDefault(Part.COLUMNS, List.of("")).isEmpty();
        List<String> columns = mapped
                ? Mapper.columnsNeeded(subject.mapping(), catalog.columns().keySet())
                : List.of();
        TableCheck table = new TableCheck(database, subject.mapping(), catalog, problems, columns);
        looks.look("table", table);
        if (table.canBeLookedAt()) {
            PublicationCheck publication = new PublicationCheck(
                    database, slot, catalog.table(columns).read(), store, subject.command("setup"));
            looks.look(PublicationCheck.NAME, publication);
            looks.look(PublicationCheck.NAME, publication::others);
        } else {
            looks.passOver("columns, user id, replica identity and publication: the table cannot be looked at");
        }
    }

    private List<Finding> slot(Slot slot, boolean isOfStore, boolean mayReplicate) {
        Optional<SlotState> seen = slot.inspect();
        // A run that has the directory looks itself, and would have to wait for us.
        boolean free =
                !held && mayReplicate && seen.filter(one -> !one.active()).isPresent();
        Optional<Lsn> position = store.flatMap(StoreLook::position);
        boolean older = free
                && position.isEmpty()
                && seen.filter(SlotState::usable).isPresent()
                && slot.history().mayBeOlderThanPublication();
        List<Finding> found = new SlotCheck(
                        subject.postgres(),
                        slot,
                        seen,
                        position.orElse(null),
                        older,
                        held,
                        subject.command("run --yes"))
                .look();
        if (isOfStore) {
            store.filter(known -> known.position().isPresent()).ifPresent(known -> demandContinued(known, slot, free));
        }
        return found;
    }

    private void demandContinued(StoreLook known, Slot slot, boolean free) {
        try {
            continuity.demand(known, database, slot, free);
        } catch (Fault fault) {
            // Whoever has begun to stream meanwhile keeps the slot from being looked into.
            boolean taken = free && slot.inspect().filter(SlotState::active).isPresent();
            if (fault.exitCode() == ExitCode.GAP || !taken) {
                throw fault;
            }
        }
    }

    /** The table and the slot are of the configuration, against which the store was looked at already. */
    private List<Finding> source(Catalog catalog) {
        Optional<Identity> known = store.flatMap(StoreLook::identity);
        known.ifPresent(stored -> stored.check(new Identity(
                catalog.systemIdentifier(),
                catalog.timeline(),
                catalog.database(),
                stored.table(),
                stored.slot(),
                stored.baseUrl(),
                stored.workspace(),
                stored.userIdColumn())));
        String server = "system %s, timeline %s, database %s"
                .formatted(catalog.systemIdentifier(), catalog.timeline(), catalog.database());
        return List.of(Finding.ok("source", server + (known.isPresent() ? ", as in the store" : "")));
    }

    private List<Finding> server() {
        String answering = database.reach();
        problems = Preconditions.problems(database, names -> Mapper.columnsNeeded(subject.mapping(), names));
        List<Finding> findings = told(
                Part.SERVER,
                "server",
                "PostgreSQL %s at %s"
                        .formatted(
                                ServerUsage.at(database).version(),
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
        return List.of(Finding.ok("stream", "a connection for replication can be had"));
    }

    private List<Finding> told(Part part, String name, String fine) {
        List<String> wrong = problems.getOrDefault(part, List.of());
        return wrong.isEmpty() ? List.of(Finding.ok(name, fine)) : Finding.failed(ExitCode.POSTGRES, name, wrong);
    }
}
