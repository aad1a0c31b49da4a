package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.SessionSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;

/**
 * What a server has, and how much of it is in use; asking changes nothing. Immutable.
 *
 * @param version as the server prints it
 * @param slots replication slots beside ours
 * @param senders replication connections beside that of our slot
 * @param senderTimeout {@code wal_sender_timeout} of sessions that ask for none, as the server prints it
 * @param hasShortSenderTimeout whether the stream asks for more than that
 * @param idleTimeout {@code idle_replication_slot_timeout} as the server prints it; 0 where there is none
 * @param asked our clock before the server's was asked
 * @param clock the server's
 */
public record ServerUsage(
        String version,
        int slots,
        int mostSlots,
        int senders,
        int mostSenders,
        String senderTimeout,
        boolean hasShortSenderTimeout,
        String idleTimeout,
        Instant asked,
        Instant clock) {
    /**
     * @throws ai.flameup.sync.fault.Fault 3 if the server cannot be asked
     */
    public static ServerUsage at(Database database) {
        String slot = database.settings().slot();
        try (Connection connection = database.connection()) {
            return new ServerUsage(
                    Queries.text(connection, "SHOW server_version"),
                    number(connection, "SELECT count(*) FROM pg_replication_slots WHERE slot_name <> ?", slot),
                    number(connection, "SHOW max_replication_slots"),
                    number(
                            connection,
                            "SELECT count(*) FROM pg_stat_replication WHERE pid IS DISTINCT FROM"
                                    + " (SELECT active_pid FROM pg_replication_slots WHERE slot_name = ?)",
                            slot),
                    number(connection, "SHOW max_wal_senders"),
                    Queries.text(connection, "SHOW wal_sender_timeout"),
                    Queries.text(
                                    connection,
                                    "SELECT setting::int BETWEEN 1 AND "
                                            + (SessionSettings.LEAST_SENDER_TIMEOUT_MILLIS - 1)
                                            + " FROM pg_settings WHERE name = 'wal_sender_timeout'")
                            .equals("t"),
                    Queries.text(
                            connection, "SELECT coalesce(current_setting('idle_replication_slot_timeout', true), '0')"),
                    Instant.now(),
                    Instant.ofEpochMilli(Long.parseLong(Queries.text(
                            connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))));
        } catch (SQLException e) {
            throw database.fault("looking at the server", e);
        }
    }

    private static int number(Connection connection, String sql, String... parameters) throws SQLException {
        return Integer.parseInt(Queries.text(connection, sql, parameters));
    }
}
