package ai.flameup.sync.ops;

import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappedColumns;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.catalog.ExpressionReads;
import ai.flameup.sync.source.setup.Setup;
import ai.flameup.sync.source.setup.SetupPlan;
import ai.flameup.sync.source.setup.SetupRequest;
import ai.flameup.sync.source.setup.SetupScript;
import ai.flameup.sync.source.setup.Teardown;
import ai.flameup.sync.source.setup.TeardownScript;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Creates or removes what the sidecar needs in the database, or prints the SQL for it. For one thread. */
public final class Installation {
    private final PreviewSettings settings;
    private final PostgresSettings login;
    private final boolean asSidecar;

    /**
     * @param admin the administrator's login; null to use the sidecar's role
     * @throws Fault 2 if the administrator's URL names another database
     */
    public Installation(PreviewSettings settings, @Nullable PostgresSettings admin) {
        this.settings = settings;
        this.login = admin == null ? settings.postgres() : admin;
        this.asSidecar = admin == null;
        if (admin != null && !admin.database().equals(settings.postgres().database())) {
            throw new Fault(
                    ExitCode.USAGE,
                    "--admin-url names database %s, but postgres.url names %s. Use the same database"
                            .formatted(admin.database(), settings.postgres().database()));
        }
    }

    /**
     * Creates what is missing.
     *
     * @param report takes what is done, line by line
     * @param giveUp polled to end the wait for the slot
     * @throws Fault 3 if something cannot or must not be created; 7 if the slot was lost; 75 if the slot is in use, or
     *     the wait was given up
     */
    public void setup(boolean limitColumns, boolean force, Consumer<String> report, BooleanSupplier giveUp)
            throws InterruptedException {
        ReplicationLogin own = new ReplicationLogin(settings.postgres());
        try (Database database = reached()) {
            own.requireNoPooler();
            new Setup(database, wish(limitColumns, force), report)
                    .run(this::mapped, () -> own.requireAccepted(report), giveUp);
        }
    }

    /**
     * The same as SQL, for an administrator.
     *
     * @param report takes a warning if the table could not be inspected
     */
    public String setupSql(boolean limitColumns, Consumer<String> report) {
        SetupPlan plan = plan(limitColumns, report);
        return SetupScript.setup(settings.postgres(), plan)
                + "\n"
                + SetupScript.slot(settings.postgres(), plan.database());
    }

    /** Inspects the table if possible. Every role may do that, but the sidecar's role may not exist yet. */
    private SetupPlan plan(boolean limitColumns, Consumer<String> report) {
        try (Database database = database()) {
            database.reach();
            return new Setup(database, wish(limitColumns, false), line -> {}).plan(this::mapped);
        } catch (Fault fault) {
            boolean unreachable = fault.getCause() != null;
            if (!unreachable || !asSidecar || limitColumns) {
                throw fault;
            }
            report.accept(
                    "the table was not inspected (%s). SELECT is granted only on the columns that the configuration names: add the primary key's columns if they are missing, or pass --admin-url URL"
                            .formatted(fault.getMessage()));
            return new SetupPlan(
                    settings.postgres().database(),
                    mapped(named(), notInspected()),
                    List.of(),
                    settings.mapping().watch().stream()
                            .flatMap(watch -> TableName.parse(watch.table()).stream())
                            .distinct()
                            .toList(),
                    notInspected());
        }
    }

    private ExpressionReads.Found notInspected() {
        Map<String, String> reasons = new LinkedHashMap<>();
        MappedColumns.expressions(settings.mapping())
                .keySet()
                .forEach(key -> reasons.put(key, "the server was not reached"));
        return new ExpressionReads.Found(List.of(), Set.of(), reasons);
    }

    /** Every column that the configuration names. */
    private Set<String> named() {
        MappingSettings mapping = settings.mapping();
        Set<String> names = new HashSet<>(MappingSettings.DOCUMENTED_TRAITS);
        names.add(mapping.userId());
        Stream.concat(Stream.ofNullable(mapping.email()), mapping.traits().stream())
                .forEach(trait -> {
                    if (trait instanceof MappingSettings.ColumnTrait column) {
                        names.add(column.column());
                    }
                });
        mapping.watch().forEach(watch -> names.addAll(watch.match().values()));
        return names;
    }

    /**
     * Removes what was created.
     *
     * @param state the state directory: a run that holds it must end first, even if it does not stream now
     * @param agreed takes what would be removed, and confirms it; not called if there is nothing
     * @param report takes what is left and what is done, line by line
     * @return whether there was something to remove
     * @throws Fault 3 if the role lacks the rights; 75 if the slot or the state directory is in use
     */
    public boolean teardown(
            Path state, boolean slotOnly, boolean force, Predicate<List<String>> agreed, Consumer<String> report) {
        Optional<String> holder = StateStore.isAt(state) ? StateDirectory.holder(state) : Optional.empty();
        if (holder.isPresent()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    "another process holds the state directory %s (pid %s). Stop it first, then run this command again"
                            .formatted(state, holder.get()));
        }
        try (Database database = reached()) {
            Teardown teardown = new Teardown(database, settings.postgres().username(), force);
            List<String> found = teardown.inspect(slotOnly, report);
            if (!found.isEmpty() && agreed.test(found)) {
                teardown.remove(report);
            }
            return !found.isEmpty();
        }
    }

    /** The same as SQL, for an administrator. Does not connect. */
    public String teardownSql(boolean slotOnly) {
        return slotOnly
                ? TeardownScript.slot(settings.postgres(), settings.postgres().database())
                : TeardownScript.all(
                        settings.postgres(),
                        settings.postgres().database(),
                        settings.mapping().hasSql());
    }

    private SetupRequest wish(boolean limitColumns, boolean force) {
        return new SetupRequest(
                settings.postgres().username(),
                settings.postgres().password(),
                limitColumns,
                force,
                new SetupRequest.OtherTables(
                        settings.mapping().watch(), MappedColumns.expressions(settings.mapping())));
    }

    private List<String> mapped(Set<String> present, ExpressionReads.Found reads) {
        return MappedColumns.granted(
                settings.mapping(), present, reads.own(), reads.unknown().keySet());
    }

    private Database database() {
        return asSidecar ? new Database(login) : Database.ofAdministrator(login);
    }

    private Database reached() {
        Database database = database();
        try {
            database.reach();
            return database;
        } catch (Fault fault) {
            database.close();
            throw asSidecar
                    ? new Fault(
                            fault.exitCode(),
                            fault.getMessage()
                                    + ". If role %s does not exist yet, pass an administrator's login with --admin-url URL"
                                            .formatted(settings.postgres().username()),
                            fault.getCause())
                    : fault;
        }
    }
}
