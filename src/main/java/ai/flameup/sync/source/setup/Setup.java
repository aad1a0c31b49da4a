package ai.flameup.sync.source.setup;

import ai.flameup.sync.change.Column;
import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.TableName;
import ai.flameup.sync.source.WatchedTable;
import ai.flameup.sync.source.catalog.ExpressionReads;
import ai.flameup.sync.source.catalog.Preconditions;
import ai.flameup.sync.source.catalog.WatchCheck;
import ai.flameup.sync.source.catalog.WatchedFitness;
import ai.flameup.sync.source.ddl.OwnershipComment;
import ai.flameup.sync.source.ddl.Statements;
import ai.flameup.sync.source.slot.Publication;
import ai.flameup.sync.source.slot.Slot;
import ai.flameup.sync.source.slot.SlotState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Creates what a run needs in the database if it is missing: the role, its rights, the publication, and then the slot. What
 * already matches is not touched. Foreign objects are rejected before anything is created. For one thread.
 */
public final class Setup {
    private static final String LOCK_LIMIT = "SET LOCAL lock_timeout = '10s'";

    /** Decides which columns of our table are granted. */
    @FunctionalInterface
    public interface Mapped {
        /**
         * Returns the columns to be granted.
         *
         * @param present the columns of the table
         * @param reads what the mapping's expressions read
         */
        List<String> columns(Set<String> present, ExpressionReads.Found reads);
    }

    private final Database database;
    private final SetupRequest request;
    private final Consumer<String> report;
    private final Slot slot;

    /**
     * @param database runs all statements; its settings name the objects
     * @param report takes one line for each step
     */
    public Setup(Database database, SetupRequest request, Consumer<String> report) {
        this.database = database;
        this.request = request;
        this.report = report;
        this.slot = new Slot(database, true);
    }

    /**
     * Creates what is missing.
     *
     * @param mapped returns the mapped columns, given the columns of the table and what expressions read
     * @param replicating tries the role's own login for replication before the slot is created; throws if it fails
     * @param giveUp polled while the slot waits for open transactions; true cancels
     * @throws Fault 3 if something cannot or must not be created; 7 if our slot was lost; 75 if the slot is in use, or its
     *     creation was cancelled
     */
    public void run(Mapped mapped, Runnable replicating, BooleanSupplier giveUp) throws InterruptedException {
        Optional<SlotState> found = slot.inspect(request.role());
        requireUsable(found);
        List<String> done = new ArrayList<>();
        List<WatchedTable> watched = watched();
        try (Connection connection = database.connection()) {
            ExpressionReads.Found reads = reads(connection);
            Table table = followable(connection, names -> mapped.columns(names, reads), watched);
            SetupPlan plan = plan(connection, table, reads);
            Queries.execute(connection, LOCK_LIMIT);
            Statements sql = new Statements(database.settings(), request.role(), plan.database());
            OwnershipComment granted = new RoleGrants(connection, sql, done::add).grant(plan, request.password());
            new PublicationSetup(
                            sql, table.watched(), request, new PublicationSetup.Session(connection, slot, done::add))
                    .ensure(table, plan.limit(), granted);
            connection.commit();
        } catch (SQLException e) {
            throw refused(e, watched);
        }
        done.forEach(report);
        replicating.run();
        ensureSlot(found, giveUp);
    }

    /**
     * Returns what setup would grant and publish. To find what an expression reads, it creates a temporary view and rolls it back.
     *
     * @throws Fault 3 if there is no table that the stream can follow
     */
    public SetupPlan plan(Mapped mapped) {
        List<WatchedTable> watched = watched();
        try (Connection connection = database.connection()) {
            ExpressionReads.Found reads = reads(connection);
            return plan(connection, followable(connection, names -> mapped.columns(names, reads), watched), reads);
        } catch (SQLException e) {
            throw database.fault("reading the table's definition", e);
        }
    }

    private ExpressionReads.Found reads(Connection connection) throws SQLException {
        return ExpressionReads.of(
                connection, database.settings(), request.others().expressions());
    }

    private SetupPlan plan(Connection connection, Table table, ExpressionReads.Found reads) throws SQLException {
        return new SetupPlan(
                Queries.text(connection, "SELECT current_database()"),
                table.read().stream().map(Column::name).toList(),
                request.limitColumns() ? ColumnLists.of(connection, database.settings(), table) : List.of(),
                WatchedTable.names(table.watched()),
                reads);
    }

    private List<WatchedTable> watched() {
        return WatchCheck.regardlessOfRights(database, request.others().watches());
    }

    /** Publishing a table without a usable replica identity would make the application's updates fail. */
    private Table followable(
            Connection connection, Function<Set<String>, List<String>> mapped, List<WatchedTable> watched)
            throws SQLException {
        Table table = Preconditions.followable(database, connection, mapped);
        List<String> problems = WatchedFitness.problems(connection, watched);
        if (!problems.isEmpty()) {
            throw new Fault(ExitCode.POSTGRES, problems, null);
        }
        return table.watching(watched);
    }

    private void requireUsable(Optional<SlotState> found) {
        if (found.isEmpty()) {
            return;
        }
        SlotState state = found.get();
        if (state.active() && (state.foreign() != null || !state.heldByUs())) {
            throw slot.inUse(state.holder());
        }
        if (state.foreign() != null && !request.force()) {
            throw postgres(
                    "slot %s is not a slot of flameup-sync (%s); choose another name in postgres.slot, or replace it with --force"
                            .formatted(name(), state.foreign()));
        }
        if (state.foreign() == null && !state.usable()) {
            throw new Fault(
                    ExitCode.GAP,
                    "Postgres: slot %s was invalidated by the server, so changes may be missing; run `flameup-sync resync`, or, if nothing was delivered yet, `flameup-sync teardown --slot-only` and then setup again"
                            .formatted(name()));
        }
    }

    private String name() {
        return database.settings().slot();
    }

    private void ensureSlot(Optional<SlotState> found, BooleanSupplier giveUp) throws InterruptedException {
        if (found.isPresent() && found.get().foreign() == null) {
            report.accept("slot %s: %s".formatted(name(), describe(found.get())));
            return;
        }
        if (found.isPresent()) {
            slot.drop();
            report.accept("slot %s: removed the existing one (%s)"
                    .formatted(name(), found.get().foreign()));
        }
        Lsn begin = slot.creation()
                .create(giveUp)
                .orElseThrow(() -> new Fault(
                        ExitCode.TRY_LATER,
                        "Postgres: slot %s was not created, because Postgres waits for open transactions. Everything else is set up; run setup again when those transactions have ended"
                                .formatted(name())));
        noteBegin(begin);
        report.accept("slot %s: created; the stream begins at %s".formatted(name(), begin));
        report.accept(
                "attention: from now on the server retains all WAL that flameup-sync has not acknowledged, even while it is stopped."
                        + " Start `flameup-sync run` now, or remove the slot with `flameup-sync teardown --slot-only`");
    }

    private String describe(SlotState state) {
        if (state.active()) {
            return "exists and matches; in use by flameup-sync, " + state.holder();
        }
        if (slot.history().mayBeOlderThanPublication()) {
            return "exists, but is older than the publication. The first run recreates it if anything was changed before the"
                    + " publication was created. If a run has already delivered from it, run `flameup-sync resync`";
        }
        return "exists and matches";
    }

    /** The first run recognizes by this note that it is the first. */
    private void noteBegin(Lsn begin) {
        try (Connection connection = database.connection()) {
            Publication.of(database.settings()).noteSlot(connection, begin);
            connection.commit();
        } catch (SQLException e) {
            throw refused(e, List.of());
        }
    }

    private Fault refused(SQLException e, List<WatchedTable> watched) {
        if (PostgresFailures.isLocked(e)) {
            return postgres(
                    "another session has locked %s, and setup waits only 10 s so that it does not block the application; run setup again"
                            .formatted(tables(watched)));
        }
        if (!PostgresFailures.isPrivilegeMissing(e)) {
            return database.fault("setting up", e);
        }
        boolean ourselves = database.settings().username().equals(request.role());
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: role %s lacks the rights for setup: %s; %s"
                        .formatted(
                                database.settings().username(),
                                PostgresFailures.message(e),
                                ourselves
                                        ? "run `flameup-sync setup --admin-url postgres://ADMIN@HOST/DATABASE`, or give an administrator the output of `flameup-sync setup --print-sql`"
                                        : "use a superuser, or from PostgreSQL 16 on the table's owner with CREATEROLE, REPLICATION, and CREATE on the database. Before PostgreSQL 16 only a superuser can grant REPLICATION"),
                e);
    }

    /** The server does not report which of several tables is locked. */
    private String tables(List<WatchedTable> watched) {
        String ours = "table " + database.settings().tableName();
        return watched.isEmpty()
                ? ours
                : "%s or a watched table (%s)"
                        .formatted(
                                ours,
                                WatchedTable.names(watched).stream()
                                        .map(TableName::toString)
                                        .collect(Collectors.joining(", ")));
    }

    private static Fault postgres(String problem) {
        return new Fault(ExitCode.POSTGRES, "Postgres: " + problem);
    }
}
