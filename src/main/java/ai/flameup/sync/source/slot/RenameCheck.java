package ai.flameup.sync.source.slot;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks in the WAL whether rows were changed while the table or its schema had another name. The stream omits such changes,
 * and the catalog does not show them afterwards. Thread-safe.
 */
public final class RenameCheck {
    private static final Logger LOG = LoggerFactory.getLogger(RenameCheck.class);
    private static final int MAX_NAME = 63;
    /** SQLSTATEs: no slot is free, or the role may not copy one. */
    private static final Set<String> NO_COPY = Set.of("53400", "42501");

    /** Finds relation messages (PostgreSQL documentation, section 55.9): 'R', the oid, the names. */
    private static final String OTHER_NAMES =
            "SELECT count(*) FROM pg_logical_slot_peek_binary_changes(?, NULL, NULL, 'proto_version', '1',"
                    + " 'publication_names', ?), LATERAL (SELECT convert_to(?, getdatabaseencoding()) || '\\x00'::bytea"
                    + " || convert_to(?, getdatabaseencoding()) || '\\x00'::bytea) AS ours (name)"
                    + " WHERE get_byte(data, 0) = ascii('R')"
                    + " AND substr(data, 2, 4) = decode(lpad(to_hex(to_regclass(?)::oid::bigint), 8, '0'), 'hex')"
                    + " AND substr(data, 6, length(ours.name)) <> ours.name";

    private final Database database;
    private final PostgresSettings settings;
    private final SlotContent content;
    private final AtomicReference<@Nullable Statement> running = new AtomicReference<>();
    private volatile boolean cancelled;

    public RenameCheck(Database database, Slot slot) {
        this.database = database;
        this.settings = database.settings();
        this.content = new SlotContent(database, slot);
    }

    /**
     * Checks everything in the slot. No session may stream from the slot. The server decodes all of it. Writes a marker first.
     *
     * @return the position up to which the name is known
     * @throws Fault 7 if rows were changed under another name
     */
    public Lsn requireOneName() {
        content.flush();
        try (Connection connection = database.connection()) {
            Lsn until = flushed(connection);
            requireOneName(connection, settings.slot());
            connection.rollback();
            return until;
        } catch (SQLException e) {
            throw content.failure(e);
        }
    }

    /**
     * Checks what was written since a position, while a session may stream from the slot. Uses a temporary copy of the slot, for
     * which the server needs a free slot. Writes a marker first.
     *
     * @param from the position up to which the name is known; everything before the slot's own position is known too
     * @return the position up to which the name is known; empty if the slot could not be copied
     * @throws Fault 7 if rows were changed under another name
     */
    public Optional<Lsn> requireOneNameSince(Lsn from) {
        content.flush();
        try (Connection connection = database.connection()) {
            Lsn until = flushed(connection);
            String copy = nameOfCopy(connection);
            if (!isCopied(connection, copy)) {
                return Optional.empty();
            }
            try {
                advance(connection, copy, from);
                requireOneName(connection, copy);
            } finally {
                connection.rollback();
                Queries.text(connection, "SELECT pg_drop_replication_slot(?)", copy);
                connection.commit();
            }
            return Optional.of(until);
        } catch (SQLException e) {
            throw content.failure(e);
        }
    }

    private void advance(Connection connection, String slot, Lsn to) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT pg_replication_slot_advance(slot_name, ?::pg_lsn) FROM pg_replication_slots"
                        + " WHERE slot_name = ? AND confirmed_flush_lsn < ?::pg_lsn")) {
            statement.setString(1, to.toString());
            statement.setString(2, slot);
            statement.setString(3, to.toString());
            begin(statement);
            statement.execute();
        } finally {
            running.set(null);
        }
    }

    private void begin(Statement statement) throws SQLException {
        running.set(statement);
        if (cancelled) {
            throw new SQLTransientException("the check was cancelled");
        }
    }

    private static Lsn flushed(Connection connection) throws SQLException {
        return Lsn.parse(Queries.text(connection, "SELECT pg_current_wal_flush_lsn()"));
    }

    /** Unique, because it contains the session's process id. */
    private String nameOfCopy(Connection connection) throws SQLException {
        String end = "_check_" + Queries.text(connection, "SELECT pg_backend_pid()");
        String slot = settings.slot();
        return slot.substring(0, Math.min(slot.length(), MAX_NAME - end.length())) + end;
    }

    private boolean isCopied(Connection connection, String copy) throws SQLException {
        try {
            Queries.text(
                    connection, "SELECT pg_copy_logical_replication_slot(?, ?::name, true)", settings.slot(), copy);
            connection.commit();
            return true;
        } catch (SQLException e) {
            if (NO_COPY.contains(String.valueOf(e.getSQLState()))) {
                connection.rollback();
                return false;
            }
            throw e;
        }
    }

    private void requireOneName(Connection connection, String slot) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(OTHER_NAMES)) {
            statement.setString(1, slot);
            statement.setString(2, Sql.identifier(settings.publication()));
            statement.setString(3, settings.schema());
            statement.setString(4, settings.table());
            statement.setString(5, settings.quotedTable());
            begin(statement);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                if (row.getLong(1) > 0) {
                    throw Gap.of("table %s was renamed for a while".formatted(settings.tableName()));
                }
            } finally {
                running.set(null);
            }
        }
    }

    /** Cancels a running check, which then throws a {@link Fault} in its thread. Later checks fail too. */
    public void cancel() {
        cancelled = true;
        Statement statement = running.get();
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                LOG.debug("The check could not be cancelled; it ends with its statement or its connection", e);
            }
        }
    }
}
