package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresFailures;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import ai.flameup.sync.source.fence.Markers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;

/**
 * What waits in a slot that nobody streams from: it is looked into, and left as it is. Each method throws a {@link Fault}
 * 7 where the slot or its WAL is gone, and 3 where the server cannot be asked. Thread-safe.
 */
public final class SlotContent {
    private static final String FILE_IS_GONE = "58P01";
    private static final String IS_GONE = "42704";
    /** The warning that a publication is left out. */
    private static final String NOT_THERE_YET = "55000";
    /** Of a look that only reads, this is {@code temp_file_limit}. */
    private static final String LIMIT_IS_REACHED = "53400";
    /** Past this many empty transactions the cheap look gives up, and the engine has a look instead. */
    private static final int PEEK = 1_000;

    private final Database database;
    private final PostgresSettings settings;
    private final Slot slot;

    public SlotContent(Database database, Slot slot) {
        this.database = database;
        this.settings = database.settings();
        this.slot = slot;
    }

    /**
     * Demands that the server still has the WAL in which the slot begins, which nobody may stream from: whoever resets the
     * server's WAL leaves the slot as it was. Has one record read, and changes nothing.
     *
     * @throws ai.flameup.sync.fault.Fault 7 where it is gone; 3 if the server cannot be asked
     */
    public void demandBeginning() {
        try (Connection connection = database.connection()) {
            // It reads a record before it sees that it has come past this position.
            Queries.text(
                    connection,
                    "SELECT count(*) FROM pg_logical_slot_peek_binary_changes(?, '0/1', NULL, 'proto_version', '1',"
                            + " 'publication_names', ?)",
                    settings.slot(),
                    Sql.identifier(settings.publication()));
            connection.rollback();
        } catch (SQLException e) {
            throw notHeld(e);
        }
    }

    /**
     * Has the server flush every commit that is visible so far. An asynchronous commit is visible before it is flushed, and
     * logical decoding ends at the flush position.
     */
    void flush() {
        Markers markers = new Markers(database);
        markers.writePassing(markers.passing());
    }

    /** What it means that the slot cannot be looked into: it may have been dropped just now. */
    Fault notHeld(SQLException e) {
        if (FILE_IS_GONE.equals(e.getSQLState())) {
            return Gap.of("the server has no more the WAL that slot %s begins in (%s)"
                    .formatted(settings.slot(), PostgresFailures.message(e)));
        }
        if (LIMIT_IS_REACHED.equals(e.getSQLState())) {
            // Not a fault that passes: the next attempt needs the same files.
            return new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: looking at what slot %s holds takes more temporary files than temp_file_limit allows (%s); ALTER ROLE %s SET temp_file_limit = -1"
                            .formatted(
                                    settings.slot(), PostgresFailures.message(e), Sql.identifier(settings.username())));
        }
        // It may as well be the publication.
        return IS_GONE.equals(e.getSQLState()) && RetainedWal.read(database).status() == null
                ? Gap.of("slot %s is gone".formatted(settings.slot()))
                : database.fault("looking at what the slot holds", e);
    }

    /**
     * Whether the WAL that waits in the slot, which nobody may stream from, holds a marker.
     *
     * @param at where it was written; a slot that has come past it tells nothing, and counts as holding it
     */
    public boolean holds(String marker, Lsn at) {
        Lsn confirmed = slot.inspect().map(SlotState::confirmed).orElse(null);
        if (confirmed == null || !at.isAfter(confirmed)) {
            return true;
        }
        try (Connection connection = database.connection()) {
            // Its commit comes right behind it, with what others write meanwhile in between.
            String found = Queries.text(
                    connection,
                    "SELECT count(*) FROM pg_logical_slot_peek_binary_changes(?, ?::pg_lsn + 67108864, NULL,"
                            + " 'proto_version', '1', 'publication_names', ?, 'messages', 'true')"
                            + " WHERE position(convert_to(?, 'UTF8') IN data) > 0",
                    settings.slot(),
                    at.toString(),
                    Sql.identifier(settings.publication()),
                    marker);
            connection.rollback();
            return !found.equals("0");
        } catch (SQLException e) {
            throw notHeld(e);
        }
    }

    /**
     * Whether something was changed in the database after the slot was made, or last read from, and before the publication
     * was made: PostgreSQL 17 and older cannot decode past that, and a newer one leaves it out. No process may stream from
     * the slot.
     */
    public boolean isOlderThanPublication() {
        try (Connection connection = database.connection();
                Statement statement = connection.createStatement()) {
            if (slot.history().isYoungerThanPublication(connection)) {
                connection.rollback();
                return false;
            }
            // Whatever the role's setting is.
            statement.execute("SET LOCAL client_min_messages = warning");
            // The transactions come in the order of their commits: those from before the publication first.
            statement
                    .executeQuery(
                            "SELECT count(*) FROM pg_logical_slot_peek_binary_changes(%s, NULL, 1, 'proto_version', '1', 'publication_names', %s)"
                                    .formatted(
                                            Sql.literal(settings.slot()),
                                            Sql.literal(Sql.identifier(settings.publication()))))
                    .close();
            boolean leftOut = false;
            for (SQLWarning said = statement.getWarnings(); said != null; said = said.getNextWarning()) {
                leftOut |= NOT_THERE_YET.equals(said.getSQLState());
            }
            connection.rollback();
            return leftOut;
        } catch (SQLException e) {
            if (IS_GONE.equals(e.getSQLState()) && RetainedWal.read(database).status() != null) {
                return true;
            }
            throw notHeld(e);
        }
    }

    /**
     * Peeks without an engine. Writes a marker first.
     *
     * @return the position to move to if nothing was published since the slot's own; empty if something was, or may have been
     */
    public Optional<Lsn> nothingUntil() {
        flush();
        try (Connection connection = database.connection()) {
            // Taken before the peek, so a commit in between is peeked at twice and never skipped. The write position
            // would
            // be too far: decoding ends at the flush position.
            Lsn end = Lsn.parse(Queries.text(connection, "SELECT pg_current_wal_flush_lsn()"));
            // Before PostgreSQL 15 the begin and commit of transactions without changes are sent as well.
            String looked = Queries.text(
                    connection,
                    "SELECT count(*) FILTER (WHERE get_byte(data, 0) NOT IN (66, 67)) || '/' || count(*)"
                            + " FROM pg_logical_slot_peek_binary_changes(?, NULL, " + PEEK
                            + ", 'proto_version', '1', 'publication_names', ?)",
                    settings.slot(),
                    Sql.identifier(settings.publication()));
            connection.rollback();
            String[] counts = looked.split("/", -1);
            return counts[0].equals("0") && Long.parseLong(counts[1]) < PEEK ? Optional.of(end) : Optional.empty();
        } catch (SQLException e) {
            if (LIMIT_IS_REACHED.equals(e.getSQLState())) {
                // There is a lot, and the engine needs no temporary files for it.
                return Optional.empty();
            }
            throw notHeld(e);
        }
    }
}
