package ai.flameup.sync.source.catalog;

import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Queries;
import ai.flameup.sync.source.SessionSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;

/**
 * The server's limits and how much of them is in use. Immutable.
 *
 * @param version as the server prints it
 * @param slots replication slots; those in use exclude ours
 * @param senders replication connections; those in use exclude the one of our slot
 */
public record ServerUsage(String version, Usage slots, Usage senders, Timeouts timeouts, Clocks clocks) {
    /** How much of a limited resource others use. */
    public record Usage(int used, int limit) {}

    /**
     * The server's time-outs for replication, as it prints them.
     *
     * @param sender {@code wal_sender_timeout} of sessions that do not set it
     * @param isSenderShort whether the stream's own session raises it
     * @param idleSlot {@code idle_replication_slot_timeout}; 0 on servers without it
     */
    public record Timeouts(String sender, boolean isSenderShort, String idleSlot) {}

    /**
     * Two clocks at about the same moment.
     *
     * @param ours read just before the server's
     */
    public record Clocks(Instant ours, Instant server) {}

    /**
     * Queries the server.
     *
     * @throws ai.flameup.sync.fault.Fault 3 if a query fails
     */
    public static ServerUsage read(Database database) {
        String slot = database.settings().slot();
        return database.read(
                "reading the server's limits",
                connection -> new ServerUsage(
                        Queries.text(connection, "SHOW server_version"),
                        new Usage(
                                number(
                                        connection,
                                        "SELECT count(*) FROM pg_replication_slots WHERE slot_name <> ?",
                                        slot),
                                number(connection, "SHOW max_replication_slots")),
                        new Usage(
                                number(
                                        connection,
                                        "SELECT count(*) FROM pg_stat_replication WHERE pid IS DISTINCT FROM"
                                                + " (SELECT active_pid FROM pg_replication_slots WHERE slot_name = ?)",
                                        slot),
                                number(connection, "SHOW max_wal_senders")),
                        new Timeouts(
                                Queries.text(connection, "SHOW wal_sender_timeout"),
                                Queries.isTrue(
                                        connection,
                                        "SELECT setting::int BETWEEN 1 AND "
                                                + (SessionSettings.LEAST_SENDER_TIMEOUT_MILLIS - 1)
                                                + " FROM pg_settings WHERE name = 'wal_sender_timeout'"),
                                Queries.text(
                                        connection,
                                        "SELECT coalesce(current_setting('idle_replication_slot_timeout', true), '0')")),
                        new Clocks(
                                Instant.now(),
                                Instant.ofEpochMilli(Long.parseLong(Queries.text(
                                        connection,
                                        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"))))));
    }

    private static int number(Connection connection, String sql, String... parameters) throws SQLException {
        return Integer.parseInt(Queries.text(connection, sql, parameters));
    }
}
