package ai.flameup.sync.source.setup;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.catalog.ServerIdentity;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Removes what {@link Setup} and a run created in the database: first the slot, because it retains WAL. Foreign objects are
 * kept. Call {@link #inspect} first, and then {@link #remove} once. For one thread.
 */
public final class Teardown {
    private final Database database;
    private final String role;
    private final boolean force;
    private final Slot slot;

    private boolean dropSlot;
    private boolean dropPublication;
    private boolean dropRole;
    private @Nullable OwnershipComment granted;

    /**
     * @param role the role that the sidecar logs in as
     * @param force whether a foreign publication, role or idle slot is removed too
     */
    public Teardown(Database database, String role, boolean force) {
        this.database = database;
        this.role = role;
        this.force = force;
        this.slot = new Slot(database, true);
    }

    /**
     * Finds what is to be removed. Reads only.
     *
     * @param slotOnly whether everything except the slot is kept
     * @param kept takes one line for each object that is kept or missing, with the reason
     * @return what {@link #remove} will remove; empty for nothing
     * @throws Fault 75 if a session streams from the slot; 3 if the server is a standby, or a right is missing
     */
    public List<String> inspect(boolean slotOnly, Consumer<String> kept) {
        // Fails on a standby before anything is reported.
        ServerIdentity.read(database);
        List<String> found = new ArrayList<>();
        inspectSlot(found, kept);
        if (!slotOnly) {
            try (Connection connection = database.connection()) {
                Optional<OwnershipComment> mark = inspectPublication(connection, found, kept);
                inspectRole(connection, mark, found, kept);
            } catch (SQLException e) {
                throw refused(database.fault("reading what is set up", e));
            }
        }
        return found;
    }

    /** Adds which login has the rights, if rights are missing. */
    private Fault refused(Fault fault) {
        if (!(fault.getCause() instanceof SQLException e) || !PostgresFailures.isPrivilegeMissing(e)) {
            return fault;
        }
        String us = database.settings().username();
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: role %s lacks the rights for teardown: %s; %s"
                        .formatted(
                                us,
                                PostgresFailures.message(e),
                                us.equals(role)
                                        ? "run `flameup-sync teardown --admin-url postgres://ADMIN@HOST/DATABASE`, or give an administrator the output of `flameup-sync teardown --print-sql`"
                                        : "use a superuser, or the role that ran setup"),
                e);
    }

    private void inspectSlot(List<String> found, Consumer<String> kept) {
        String name = "slot " + database.settings().slot();
        SlotState state = slot.inspect(role).orElse(null);
        if (state == null) {
            kept.accept(name + ": does not exist");
        } else if (state.foreign() != null && !force) {
            kept.accept("%s: kept, because it is not a slot of flameup-sync (%s)".formatted(name, state.foreign()));
        } else if (state.active()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    slot.inUse(state.holder()).getMessage() + "; stop that process, and run teardown again");
        } else {
            dropSlot = true;
            found.add(name);
        }
    }

    private Optional<OwnershipComment> inspectPublication(
            Connection connection, List<String> found, Consumer<String> kept) throws SQLException {
        Publication publication = Publication.of(database.settings());
        String name = "publication " + database.settings().publication();
        Optional<OwnershipComment> mark = publication.mark(connection);
        if (publication.version(connection).isEmpty()) {
            kept.accept(name + ": does not exist");
        } else if (mark.isEmpty() && !force) {
            kept.accept("%s: kept, because flameup-sync did not create it; --force removes it".formatted(name));
        } else if (!Queries.isTrue(
                connection,
                "SELECT pg_has_role(pubowner, 'usage') FROM pg_publication WHERE pubname = ?",
                database.settings().publication())) {
            kept.accept("%s: kept, because it belongs to another role; --admin-url URL removes it".formatted(name));
        } else {
            dropPublication = true;
            found.add(name);
        }
        return mark;
    }

    private void inspectRole(
            Connection connection, Optional<OwnershipComment> mark, List<String> found, Consumer<String> kept)
            throws SQLException {
        RoleInspection inspection = new RoleInspection(connection, sql(connection));
        String name = "role " + role;
        OwnershipComment noted =
                mark.filter(one -> one.notesRights() && one.role().equals(role)).orElse(null);
        if (!inspection.exists()) {
            kept.accept(name + ": does not exist");
            return;
        }
        boolean owner = inspection.ownsTable();
        boolean ours = !owner && (force || inspection.isMarked());
        String sessions = inspection.sessions();
        if (!ours && noted == null) {
            kept.accept(
                    owner
                            ? "%s: kept with its rights, because it owns table %s"
                                    .formatted(name, database.settings().tableName())
                            : name
                                    + ": kept with its rights, because it existed before flameup-sync; --force drops it if nothing else depends on it");
        } else if (inspection.isCurrent()) {
            kept.accept(name + ": kept with its rights, because it cannot remove itself; --admin-url URL removes it");
        } else if (noted == null && !sessions.isEmpty()) {
            kept.accept("%s: kept with its rights, because it is in use (%s)".formatted(name, sessions));
        } else {
            // An application is always connected as its own role, and the note of the granted rights is removed with
            // the
            // publication.
            dropRole = ours && sessions.isEmpty();
            granted = noted;
            found.add(dropRole ? name + " and its rights" : "the rights that setup granted to role " + role);
        }
    }

    /**
     * Removes what {@link #inspect} found.
     *
     * @param report takes one line for each step
     * @throws Fault 75 if a session streams from the slot by now; 3 if a right is missing
     */
    public void remove(Consumer<String> report) {
        if (dropSlot) {
            removeSlot();
            report.accept("slot %s: removed".formatted(database.settings().slot()));
        }
        List<String> done = new ArrayList<>();
        try (Connection connection = database.connection()) {
            Statements sql = sql(connection);
            if (dropPublication) {
                Queries.execute(connection, sql.dropPublication());
                done.add("publication %s: removed".formatted(database.settings().publication()));
            }
            RoleRemoval removal = new RoleRemoval(connection, sql, done::add);
            if (dropRole) {
                removal.drop(granted);
            } else if (granted != null) {
                removal.revoke(granted);
            }
            connection.commit();
        } catch (SQLException e) {
            throw refused(database.fault("removing what was set up", e));
        }
        done.forEach(report);
    }

    private void removeSlot() {
        try {
            slot.drop();
        } catch (Fault fault) {
            throw refused(fault);
        }
    }

    private Statements sql(Connection connection) throws SQLException {
        return new Statements(database.settings(), role, Queries.text(connection, "SELECT current_database()"));
    }
}
