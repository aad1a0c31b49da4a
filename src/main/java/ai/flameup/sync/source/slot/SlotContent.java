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
 * Peeks into an idle slot without advancing it. Each method throws a {@link Fault} 7 if the slot or its WAL is gone, and 3 if
 * a query fails otherwise. Thread-safe.
 */
public final class SlotContent {
    private static final String UNDEFINED_FILE = "58P01";
    private static final String UNDEFINED_OBJECT = "42704";
    /** The SQLSTATE of the warning that a publication is skipped. */
    private static final String PUBLICATION_SKIPPED = "55000";
    /** For a query that only reads, the limit is {@code temp_file_limit}. */
    private static final String CONFIGURATION_LIMIT_EXCEEDED = "53400";
    /** The limit of a cheap peek. Beyond this many messages the engine reads the slot instead. */
    private static final int MAX_PEEKED = 1_000;

    private final Database database;
    private final PostgresSettings settings;
    private final Slot slot;

    public SlotContent(Database database, Slot slot) {
        this.database = database;
        this.settings = database.settings();
        this.slot = slot;
    }

    /**
     * Requires that the server still has the WAL in which the slot begins: resetting the server's WAL does not change the slot.
     * Decodes one record. No session may stream from the slot.
     */
    public void requireBeginning() {
        try (Connection connection = database.connection()) {
            // The server reads one record before it notices that it is past this position.
            Queries.text(
                    connection,
                    "SELECT count(*) FROM pg_logical_slot_peek_binary_changes(?, '0/1', NULL, 'proto_version', '1',"
                            + " 'publication_names', ?)",
                    settings.slot(),
                    Sql.identifier(settings.publication()));
            connection.rollback();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /**
     * Makes the server flush every commit that is visible by now. An asynchronous commit is visible before it is flushed, and
     * logical decoding ends at the flush position.
     */
    private void flush() {
        Markers markers = new Markers(database);
        markers.writeMarker(markers.newMarker());
    }

    /** Returns the fault for a failed peek: the slot may have just been dropped. */
    private Fault failure(SQLException e) {
        if (UNDEFINED_FILE.equals(e.getSQLState())) {
            return Gap.of("the server no longer has the WAL in which slot %s begins (%s)"
                    .formatted(settings.slot(), PostgresFailures.message(e)));
        }
        if (CONFIGURATION_LIMIT_EXCEEDED.equals(e.getSQLState())) {
            // Not a passing fault, because the next attempt needs the same files.
            return new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: reading the content of slot %s needs more temporary files than temp_file_limit allows (%s); ALTER ROLE %s SET temp_file_limit = -1"
                            .formatted(
                                    settings.slot(), PostgresFailures.message(e), Sql.identifier(settings.username())));
        }
        // The undefined object may also be the publication.
        return UNDEFINED_OBJECT.equals(e.getSQLState())
                        && RetainedWal.read(database).status() == null
                ? Gap.of("slot %s is gone".formatted(settings.slot()))
                : database.fault("reading the content of the slot", e);
    }

    /**
     * Whether the slot contains a marker. No session may stream from the slot.
     *
     * @param at where the marker was written. If the slot is past this position, the answer is not known, and is true
     */
    public boolean holds(String marker, Lsn at) {
        Lsn confirmed = slot.inspect().map(SlotState::confirmed).orElse(null);
        if (confirmed == null || !at.isAfter(confirmed)) {
            return true;
        }
        try (Connection connection = database.connection()) {
            // The marker's commit follows it closely; other sessions may write in between.
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
            throw failure(e);
        }
    }

    /**
     * Whether the slot contains changes from before the publication was created. PostgreSQL 17 and older cannot decode past
     * such changes, and newer versions omit them. No session may stream from the slot.
     */
    public boolean isOlderThanPublication() {
        try (Connection connection = database.connection();
                Statement statement = connection.createStatement()) {
            if (slot.history().isYoungerThanPublication(connection)) {
                connection.rollback();
                return false;
            }
            // Independent of the role's setting.
            statement.execute("SET LOCAL client_min_messages = warning");
            // Transactions come in commit order, so those from before the publication come first.
            statement
                    .executeQuery(
                            "SELECT count(*) FROM pg_logical_slot_peek_binary_changes(%s, NULL, 1, 'proto_version', '1', 'publication_names', %s)"
                                    .formatted(
                                            Sql.literal(settings.slot()),
                                            Sql.literal(Sql.identifier(settings.publication()))))
                    .close();
            boolean skipped = false;
            for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                skipped |= PUBLICATION_SKIPPED.equals(warning.getSQLState());
            }
            connection.rollback();
            return skipped;
        } catch (SQLException e) {
            if (UNDEFINED_OBJECT.equals(e.getSQLState())
                    && RetainedWal.read(database).status() != null) {
                return true;
            }
            throw failure(e);
        }
    }

    /**
     * Peeks into the slot without an engine. Writes a marker first.
     *
     * @return the position to advance to if the slot contains no published change; empty if it contains one, or may
     */
    public Optional<Lsn> nothingUntil() {
        flush();
        try (Connection connection = database.connection()) {
            // Read before the peek, so that a commit in between is peeked at twice and never skipped. Not the write
            // position,
            // because decoding ends at the flush position.
            Lsn end = Lsn.parse(Queries.text(connection, "SELECT pg_current_wal_flush_lsn()"));
            // PostgreSQL 14 also sends begin and commit of transactions without published changes.
            String peeked = Queries.text(
                    connection,
                    "SELECT count(*) FILTER (WHERE get_byte(data, 0) NOT IN (66, 67)) || '/' || count(*)"
                            + " FROM pg_logical_slot_peek_binary_changes(?, NULL, " + MAX_PEEKED
                            + ", 'proto_version', '1', 'publication_names', ?)",
                    settings.slot(),
                    Sql.identifier(settings.publication()));
            connection.rollback();
            String[] counts = peeked.split("/", -1);
            return counts[0].equals("0") && Long.parseLong(counts[1]) < MAX_PEEKED
                    ? Optional.of(end)
                    : Optional.empty();
        } catch (SQLException e) {
            if (CONFIGURATION_LIMIT_EXCEEDED.equals(e.getSQLState())) {
                // The slot contains much, and the engine needs no temporary files to read it.
                return Optional.empty();
            }
            throw failure(e);
        }
    }
}
