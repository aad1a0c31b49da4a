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
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Removes what {@link Setup} and a run have made in the database: first the slot, because it holds back WAL. What others
 * made is left. {@link #look} comes first, {@link #remove} once afterwards. For one thread.
 */
public final class Teardown {
    private final Database database;
    private final String role;
    private final boolean force;
    private final Slot slot;

    private boolean dropSlot;
    private boolean dropPublication;
    private boolean dropRole;
    private @Nullable OwnershipComment given;

    /**
     * @param role that the sidecar connects as
     * @param force whether a publication, a role or an idle slot that somebody else has made are removed as well
     */
    public Teardown(Database database, String role, boolean force) {
        this.database = database;
        this.role = role;
        this.force = force;
        this.slot = new Slot(database, true);
    }

    /**
     * Looks at what there is; changes nothing.
     *
     * @param slotOnly whether everything but the slot is left
     * @param left takes what is left or is not there, and why, a line at a time
     * @return what {@link #remove} would remove; empty where there is nothing
     * @throws Fault 75 where somebody streams from the slot; 3 where the server is a standby, or we may not look
     */
    public List<String> look(boolean slotOnly, Consumer<String> left) {
        // A standby is told before anything else is said.
        ServerIdentity.look(database);
        List<String> found = new ArrayList<>();
        lookAtSlot(found, left);
        if (!slotOnly) {
            try (Connection connection = database.connection()) {
                Optional<OwnershipComment> mark = lookAtPublication(connection, found, left);
                lookAtRole(connection, mark, found, left);
            } catch (SQLException e) {
                throw refused(database.fault("looking at what is there", e));
            }
        }
        return found;
    }

    /** Where it is rights that lack: who has them. */
    private Fault refused(Fault fault) {
        if (!(fault.getCause() instanceof SQLException e) || !Setup.MAY_NOT.equals(e.getSQLState())) {
            return fault;
        }
        String us = database.settings().username();
        return new Fault(
                ExitCode.POSTGRES,
                "Postgres: role %s may not remove this: %s; %s"
                        .formatted(
                                us,
                                PostgresFailures.message(e),
                                us.equals(role)
                                        ? "run `flameup-sync teardown --admin-url postgres://ADMIN@HOST/DATABASE`, or hand an administrator what `flameup-sync teardown --print-sql` prints"
                                        : "a superuser may, or who set it up"),
                e);
    }

    private void lookAtSlot(List<String> found, Consumer<String> left) {
        String name = "slot " + database.settings().slot();
        Slot.Seen seen = slot.look(role).orElse(null);
        if (seen == null) {
            left.accept(name + ": is not there");
        } else if (seen.stranger() != null && !force) {
            left.accept("%s: left, because it is another's (%s)".formatted(name, seen.stranger()));
        } else if (seen.active()) {
            throw new Fault(
                    ExitCode.TRY_LATER,
                    slot.inUse(seen.holder()).getMessage() + "; stop that first, and run this again");
        } else {
            dropSlot = true;
            found.add(name);
        }
    }

    private Optional<OwnershipComment> lookAtPublication(
            Connection connection, List<String> found, Consumer<String> left) throws SQLException {
        Publication publication = Publication.of(database.settings());
        String name = "publication " + database.settings().publication();
        Optional<OwnershipComment> mark = publication.mark(connection);
        if (publication.version(connection).isEmpty()) {
            left.accept(name + ": is not there");
        } else if (mark.isEmpty() && !force) {
            left.accept("%s: left, because flameup-sync did not make it; --force removes it".formatted(name));
        } else if (!Queries.text(
                        connection,
                        "SELECT pg_has_role(pubowner, 'usage') FROM pg_publication WHERE pubname = ?",
                        database.settings().publication())
                .equals("t")) {
            left.accept("%s: left, because it belongs to another role; --admin-url URL removes it".formatted(name));
        } else {
            dropPublication = true;
            found.add(name);
        }
        return mark;
    }

    private void lookAtRole(
            Connection connection, Optional<OwnershipComment> mark, List<String> found, Consumer<String> left)
            throws SQLException {
        RoleRights rights = rights(connection, line -> {});
        String name = "role " + role;
        OwnershipComment noted =
                mark.filter(one -> one.notesRights() && one.role().equals(role)).orElse(null);
        if (!rights.exists()) {
            left.accept(name + ": is not there");
            return;
        }
        boolean owner = rights.ownsTable();
        boolean ours = !owner && (force || rights.isMarked());
        String sessions = rights.sessions();
        if (!ours && noted == null) {
            left.accept(
                    owner
                            ? "%s: left with its rights, because it owns table %s"
                                    .formatted(name, database.settings().tableName())
                            : name
                                    + ": left with its rights, because it was there before flameup-sync; --force drops it, where nothing else hangs on it");
        } else if (rights.isCurrent()) {
            left.accept(name + ": left with its rights, because it cannot remove them itself; --admin-url URL does");
        } else if (noted == null && !sessions.isEmpty()) {
            left.accept("%s: left with its rights, because it is in use (%s)".formatted(name, sessions));
        } else {
            // An application is always connected as its role, and the note of what to take from that goes with the
            // publication.
            dropRole = ours && sessions.isEmpty();
            given = noted;
            found.add(dropRole ? name + " and its rights" : "rights that role %s was given".formatted(role));
        }
    }

    /**
     * Removes what was found.
     *
     * @param told takes what is done, a line at a time
     * @throws Fault 75 where somebody streams from the slot by now; 3 where we may not
     */
    public void remove(Consumer<String> told) {
        if (dropSlot) {
            removeSlot();
            told.accept("slot %s: removed".formatted(database.settings().slot()));
        }
        List<String> done = new ArrayList<>();
        try (Connection connection = database.connection()) {
            if (dropPublication) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(sql(connection).dropPublication());
                }
                done.add("publication %s: removed".formatted(database.settings().publication()));
            }
            RoleRights rights = rights(connection, done::add);
            if (dropRole) {
                rights.drop(given);
            } else if (given != null) {
                rights.take(given);
            }
            connection.commit();
        } catch (SQLException e) {
            throw refused(database.fault("removing what was set up", e));
        }
        done.forEach(told);
    }

    private void removeSlot() {
        try {
            slot.drop();
        } catch (Fault fault) {
            throw refused(fault);
        }
    }

    private RoleRights rights(Connection connection, Consumer<String> told) throws SQLException {
        return new RoleRights(connection, sql(connection), told);
    }

    private Statements sql(Connection connection) throws SQLException {
        return new Statements(database.settings(), role, Queries.text(connection, "SELECT current_database()"));
    }
}
