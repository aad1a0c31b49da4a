package ai.flameup.sync.ops;

import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.mapping.MappingSettings;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.setup.Setup;
import ai.flameup.sync.source.setup.SetupPlan;
import ai.flameup.sync.source.setup.SetupRequest;
import ai.flameup.sync.source.setup.SetupScript;
import ai.flameup.sync.source.setup.Teardown;
import ai.flameup.sync.state.StateDirectory;
import ai.flameup.sync.state.StateStore;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the sidecar needs in the database: made, removed, or printed as SQL. For one thread. */
public final class Installation {
    private final PreviewSettings settings;
    private final PostgresSettings login;
    private final boolean ourselves;

    /**
     * @param admin through whose login it is done; null for our own role's
     * @throws Fault 2 where the administrator's URL leads to another database
     */
    public Installation(PreviewSettings settings, @Nullable PostgresSettings admin) {
        this.settings = settings;
        this.login = admin == null ? settings.postgres() : admin;
        this.ourselves = admin == null;
        if (admin != null && !admin.database().equals(settings.postgres().database())) {
            throw new Fault(
                    ExitCode.USAGE,
                    "--admin-url names database %s, but postgres.url %s; name the same"
                            .formatted(admin.database(), settings.postgres().database()));
        }
    }

    /**
     * Makes what is missing.
     *
     * @param told takes what is done, a line at a time
     * @param giveUp asked again and again whether to wait no longer for the slot
     * @throws Fault 3 where it cannot or must not be made; 7 where the slot was lost; 75 where the slot is in use, or was
     *     given up
     */
    public void setup(boolean limitColumns, boolean force, Consumer<String> told, BooleanSupplier giveUp)
            throws InterruptedException {
        ReplicationLogin own = new ReplicationLogin(settings.postgres());
        try (Database database = reached()) {
            own.demandNoPooler();
            new Setup(database, wish(limitColumns, force), told)
                    .run(this::mapped, () -> own.demandWhatCanBeTried(told), giveUp);
        }
    }

    /**
     * The same as SQL, for an administrator.
     *
     * @param told takes what the SQL was written without, where the table could not be looked at
     */
    public String setupSql(boolean limitColumns, Consumer<String> told) {
        SetupPlan plan = plan(limitColumns, told);
        return SetupScript.setup(settings.postgres(), plan)
                + "\n"
                + SetupScript.slot(settings.postgres(), plan.database());
    }

    /** The table is looked at where it can be; any role may, and ours may not be there yet. */
    private SetupPlan plan(boolean limitColumns, Consumer<String> told) {
        try (Database database = database()) {
            database.reach();
            return new Setup(database, wish(limitColumns, false), line -> {}).plan(this::mapped);
        } catch (Fault fault) {
            boolean couldNotLook = fault.getCause() != null;
            if (!couldNotLook || !ourselves || limitColumns) {
                throw fault;
            }
            told.accept(
                    "the table was not looked at (%s); SELECT is granted on what the configuration names: add the primary key's columns where they are not among it, or give --admin-url URL"
                            .formatted(fault.getMessage()));
            return new SetupPlan(settings.postgres().database(), mapped(named()), List.of());
        }
    }

    /** Every column that could be mapped. */
    private Set<String> named() {
        MappingSettings mapping = settings.mapping();
        Set<String> names = new HashSet<>(MappingSettings.DOCUMENTED_TRAITS);
        names.add(mapping.userId());
        Optional.ofNullable(mapping.email()).ifPresent(names::add);
        mapping.traits().forEach(trait -> {
            if (trait instanceof MappingSettings.ColumnTrait column) {
                names.add(column.column());
            }
        });
        return names;
    }

    /**
     * Removes what was made.
     *
     * @param state the state directory: whoever works there is not disturbed, even where it does not stream just now
     * @param agreed is shown what would be removed, and says whether it is to be; not asked where there is nothing
     * @param told takes what is left and what is done, a line at a time
     * @return whether there was something to be removed
     * @throws Fault 3 where we may not; 75 where the slot or the state directory is in use
     */
    public boolean teardown(
            Path state, boolean slotOnly, boolean force, Predicate<List<String>> agreed, Consumer<String> told) {
        Optional<String> holder = StateStore.isAt(state) ? StateDirectory.holder(state) : Optional.empty();
        if (holder.isPresent()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    "another process holds the state directory %s (pid %s); stop that first, and run this again"
                            .formatted(state, holder.get()));
        }
        try (Database database = reached()) {
            Teardown teardown = new Teardown(database, settings.postgres().username(), force);
            List<String> found = teardown.inspect(slotOnly, told);
            if (!found.isEmpty() && agreed.test(found)) {
                teardown.remove(told);
            }
            return !found.isEmpty();
        }
    }

    /** The same as SQL, for an administrator; asks no server. */
    public String teardownSql(boolean slotOnly) {
        return SetupScript.teardown(settings.postgres(), settings.postgres().database(), slotOnly);
    }

    private SetupRequest wish(boolean limitColumns, boolean force) {
        return new SetupRequest(
                settings.postgres().username(), settings.postgres().password(), limitColumns, force);
    }

    private List<String> mapped(Set<String> present) {
        return Mapper.columnsNeeded(settings.mapping(), present);
    }

    private Database database() {
        return ourselves ? new Database(login) : Database.ofAdministrator(login);
    }

    private Database reached() {
        Database database = database();
        try {
            database.reach();
            return database;
        } catch (Fault fault) {
            database.close();
            throw ourselves
                    ? new Fault(
                            fault.exitCode(),
                            fault.getMessage()
                                    + "; where role %s is still to be made, give an administrator's login by --admin-url URL"
                                            .formatted(settings.postgres().username()),
                            fault.getCause())
                    : fault;
        }
    }
}
