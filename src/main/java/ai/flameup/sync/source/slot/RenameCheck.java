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
 * Checks in the WAL whether the table was changed while it had another name, or its schema had: the stream leaves such
 * changes out, and afterwards the catalog does not show that there were any. Thread-safe.
 */
public final class RenameCheck {
    private static final Logger LOG = LoggerFactory.getLogger(RenameCheck.class);
    private static final int MAX_NAME = 63;
    /** No slot is free, or the role may not copy one. */
    private static final Set<String> NO_COPY = Set.of("53400", "42501");

    /** The message that describes a relation (PostgreSQL's documents, section 55.9): 'R', its oid, its names. */
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
     * Checks all that waits in the slot, which no process may stream from. The server decodes all of it. Writes a marker
     * first.
     *
     * @return up to where it is known now
     * @throws Fault 7 if there was such a change
     */
    public Lsn demandOneName() {
        content.flush();
        try (Connection connection = database.connection()) {
            Lsn until = flushed(connection);
            demandOneName(connection, settings.slot());
            connection.rollback();
            return until;
        } catch (SQLException e) {
            throw content.notHeld(e);
        }
    }

    /**
     * Checks what was written since a position, beside a process that streams: on a temporary copy of the slot, for which
     * the server needs another slot that is free. Writes a marker first.
     *
     * @param from up to where this is known already; what the slot is past is known as well
     * @return up to where it is known now; empty if there can be no copy
     * @throws Fault 7 if there was such a change
     */
    public Optional<Lsn> demandOneNameSince(Lsn from) {
        content.flush();
        try (Connection connection = database.connection()) {
            Lsn until = flushed(connection);
            String copy = nameOfCopy(connection);
            if (!isCopied(connection, copy)) {
                return Optional.empty();
            }
            try {
                advance(connection, copy, from);
                demandOneName(connection, copy);
            } finally {
                connection.rollback();
                Queries.text(connection, "SELECT pg_drop_replication_slot(?)", copy);
                connection.commit();
            }
            return Optional.of(until);
        } catch (SQLException e) {
            throw content.notHeld(e);
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

    /** Of this session, which has it to itself. */
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

    private void demandOneName(Connection connection, String slot) throws SQLException {
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

    /** Ends a check that another thread is waiting for, with a {@link Fault} in that thread. No check begins afterwards. */
    public void cancel() {
        cancelled = true;
        Statement statement = running.get();
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                LOG.debug("It ends by itself, or with its connection", e);
            }
        }
    }
}
