package ai.flameup.sync.source;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The settings of every session, independent of the server, the database and the role: how values are printed and parsed,
 * the search path, and no time-outs. Stateless.
 */
public final class SessionSettings {
    /** With a shorter {@code wal_sender_timeout}, the server cuts the stream while the machine is busy. */
    public static final int LEAST_SENDER_TIMEOUT_MILLIS = 30_000;

    private static final Map<String, String> VALUES = values();

    private SessionSettings() {}

    private static Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("statement_timeout", "0");
        values.put("lock_timeout", "0");
        values.put("idle_in_transaction_session_timeout", "0");
        values.put("idle_session_timeout", "0");
        values.put("transaction_timeout", "0");
        values.put("tcp_user_timeout", "0");
        values.put("exit_on_error", "off");
        values.put("TimeZone", "UTC");
        values.put("DateStyle", "ISO, MDY");
        values.put("IntervalStyle", "iso_8601");
        values.put("extra_float_digits", "1");
        values.put("bytea_output", "hex");
        values.put("xmlbinary", "base64");
        values.put("xmloption", "content");
        values.put("quote_all_identifiers", "off");
        values.put("standard_conforming_strings", "on");
        values.put("backslash_quote", "safe_encoding");
        values.put("array_nulls", "on");
        values.put("transform_null_equals", "off");
        values.put("search_path", "pg_catalog");
        values.put("row_security", "on");
        // With a role's high cost settings, the server would compile each catalog query, which takes seconds.
        values.put("jit", "off");
        // With a limit, an index returns only some of the rows.
        values.put("gin_fuzzy_search_limit", "0");
        values.put("default_transaction_read_only", "off");
        values.put("default_transaction_isolation", "read committed");
        values.put("default_transaction_deferrable", "off");
        // Commits are flushed to the server's disk, and do not wait for a standby.
        values.put("synchronous_commit", "local");
        // The driver keeps every notice of a session.
        values.put("client_min_messages", "warning");
        return values;
    }

    /**
     * Returns the first statements of a session. Settings that the server does not know are skipped.
     *
     * @param administrator whether the login is that of {@code --admin-url}, which may get its rights from a role that is
     *     set for it. The sidecar's own login acts as itself, because replication checks that role
     */
    static String sql(boolean administrator) {
        String values = VALUES.entrySet().stream()
                .map(setting -> "('%s', '%s')".formatted(setting.getKey(), setting.getValue()))
                .collect(Collectors.joining(", "));
        // Alone and first, because a short time-out would cancel the statement that sets the others.
        return "SET statement_timeout = 0; " + (administrator ? "" : "SET ROLE NONE; ")
                + "SELECT pg_catalog.set_config(s.name, s.value, false) FROM (VALUES " + values + ") AS s (name, value)"
                + " WHERE pg_catalog.current_setting(s.name, true) IS NOT NULL";
    }

    /** Returns the additional first statement of a session that streams. */
    static String replicationSql() {
        return "SELECT pg_catalog.set_config(s.name, '" + LEAST_SENDER_TIMEOUT_MILLIS + "', false)"
                + " FROM pg_catalog.pg_settings s WHERE s.name = 'wal_sender_timeout'"
                + " AND s.setting::pg_catalog.int4 BETWEEN 1 AND " + (LEAST_SENDER_TIMEOUT_MILLIS - 1);
    }
}
