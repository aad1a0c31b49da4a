package ai.flameup.sync.source;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Maps failures of Postgres and its driver to faults by SQLSTATE, which appendix A of the PostgreSQL documentation lists.
 * Immutable.
 *
 * @param administrator whether the login is that of {@code --admin-url}
 */
public record PostgresFailures(PostgresSettings settings, boolean administrator) {
    private static final String LOCKED = "55P03";
    /** The class of codes for a rejected login. */
    private static final String REFUSED = "28";
    /** A server never answers a new session like this, but a pooler does when it does not support a parameter. */
    private static final String PROTOCOL_VIOLATION = "08P01";

    static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String TOO_MANY_CONNECTIONS = "53300";

    /**
     * Returns the fault for a failed statement: the statement's purpose, the server's message, and a remedy.
     *
     * @param doing the purpose, as in "reading the slot"
     */
    Fault fault(String doing, SQLException e) {
        Throwable root = root(e);
        String message = message(e);
        if (root.getCause() instanceof UnknownHostException) {
            message = "the host is unknown";
        }
        String state = state(e);
        String remedy;
        // The driver itself rejects an empty password if the server requires one.
        boolean lacksPassword = PSQLState.CONNECTION_REJECTED.getState().equals(state)
                && settings.password().isEmpty();
        if (state.equals(PROTOCOL_VIOLATION)) {
            remedy =
                    "a connection pooler such as PgBouncer appears to answer, which supports neither replication nor session settings; name the server itself in "
                            + origin();
        } else if (state.equals(TOO_MANY_CONNECTIONS)) {
            remedy = connectionsRemedy();
        } else if (state.startsWith(REFUSED) || lacksPassword) {
            remedy = administrator
                    ? "check the administrator's role %s in --admin-url, its password in $%s or ~/.pgpass, and pg_hba.conf"
                            .formatted(settings.username(), PostgresSettings.ADMIN_PASSWORD)
                    : "check postgres.username, postgres.password (or its password-file) and pg_hba.conf; if the role does not exist yet, `flameup-sync setup` with --admin-url creates it, and init accepts --admin-url too";
        } else if (PSQLState.isConnectionError(state) || state.startsWith("57P")) {
            remedy = "check %s, and that the server is running and accepts connections".formatted(origin());
        } else if ("3D000".equals(state)) {
            remedy = "check the database in " + origin();
        } else if ("53400".equals(state)) {
            remedy =
                    "raise the limit that the server names: temp_file_limit, or max_replication_slots, which needs a restart. For max_replication_slots you can also drop an unused slot";
        } else if ("42703".equals(state) || "42P01".equals(state)) {
            remedy = "the table was altered: restore it, or change the mapping";
        } else if (LOCKED.equals(state)) {
            remedy = "another session has locked the table: try again when it has released the lock (see pg_locks)";
        } else if (INSUFFICIENT_PRIVILEGE.equals(state)) {
            remedy = "grant it as sql/setup.sql does";
        } else {
            remedy = "see the server's log";
        }
        if (isOfUrl(root, state)) {
            return new Fault(
                    ExitCode.USAGE, "%s has a parameter that the driver rejects: %s".formatted(origin(), message), e);
        }
        return new Fault(ExitCode.POSTGRES, "Postgres: %s: %s; %s".formatted(doing, message, remedy), e);
    }

    /** Whether the driver itself rejects the URL: a value that it cannot use, or a class that does not exist. */
    private static boolean isOfUrl(Throwable root, String state) {
        return root instanceof PSQLException error
                && error.getServerErrorMessage() == null
                && (PSQLState.INVALID_PARAMETER_VALUE.getState().equals(state)
                        || error.getCause() instanceof ReflectiveOperationException);
    }

    /** Whether the driver cannot log in as configured: it lacks a password or TLS, or the server's method is unknown. */
    private static boolean isRefusedByDriver(Throwable root, String state) {
        return PSQLState.CONNECTION_REJECTED.getState().equals(state)
                && root instanceof PSQLException error
                && error.getServerErrorMessage() == null;
    }

    private String origin() {
        return administrator ? "--admin-url" : "postgres.url";
    }

    private static Throwable root(SQLException e) {
        Throwable root = e;
        while (root.getCause() != null && !(root instanceof PSQLException)) {
            root = root.getCause();
        }
        return root;
    }

    /** Returns the first line of the message of Postgres or its driver, without the final full stop. */
    public static String message(SQLException e) {
        return String.valueOf(root(e).getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceAll("[.!]+$", "");
    }

    /**
     * Whether a retry may succeed: the connection or the server failed for the moment, and not the statement or the login.
     */
    public static boolean isTransient(Fault fault) {
        if (!(fault.getCause() instanceof SQLException e)) {
            return false;
        }
        Throwable root = root(e);
        // The pool's own exception is a time-out, independent of what the server answered meanwhile.
        if (!(root instanceof PSQLException)) {
            return e instanceof SQLTransientException;
        }
        String state = state(e);
        if (isOfUrl(root, state) || isRefusedByDriver(root, state)) {
            return false;
        }
        return PSQLState.isConnectionError(state)
                || LOCKED.equals(state)
                || PSQLState.OBJECT_IN_USE.getState().equals(state)
                || state.startsWith("57")
                || state.startsWith("53")
                || state.startsWith("40");
    }

    /** Returns the SQLSTATE of the innermost exception; empty for none. */
    private static String state(SQLException e) {
        return root(e) instanceof SQLException error ? String.valueOf(error.getSQLState()) : "";
    }

    /** Whether the connection was lost, or the server ended it. */
    public static boolean isOfConnection(Fault fault) {
        return fault.getCause() instanceof SQLException e
                && (PSQLState.isConnectionError(String.valueOf(e.getSQLState()))
                        || String.valueOf(e.getSQLState()).startsWith("57P"));
    }

    /** Whether the statement itself failed, so that a retry fails again. False if no session could be opened for it. */
    public static boolean isOfStatement(Fault fault) {
        return fault.getCause() instanceof SQLException e
                && !(e instanceof SQLTransientException)
                && !state(e).startsWith(REFUSED)
                && !isTransient(fault);
    }

    /** Whether a value was the cause, such as a text that is no number, or that a domain does not allow. */
    public static boolean isOfValue(Fault fault) {
        return fault.getCause() instanceof SQLException e && (state(e).startsWith("22") || state(e).startsWith("23"));
    }

    /** Whether the server rejected a statement or a login because the role lacks a right. */
    public static boolean isPrivilegeMissing(Fault fault) {
        return fault.getCause() instanceof SQLException e && INSUFFICIENT_PRIVILEGE.equals(state(e));
    }

    /** Whether a pooler answered, which does not support replication. */
    public static boolean isOfPooler(Fault fault) {
        return fault.getCause() instanceof SQLException e && PROTOCOL_VIOLATION.equals(state(e));
    }

    /** Whether {@link Database#limitLockWait} ended the statement. */
    public static boolean isLocked(SQLException e) {
        return LOCKED.equals(e.getSQLState());
    }

    /** Whether the session's role lacks a right. */
    public static boolean isPrivilegeMissing(SQLException e) {
        return INSUFFICIENT_PRIVILEGE.equals(e.getSQLState());
    }

    private String connectionsRemedy() {
        return "close sessions that are not needed, or raise the limit that was reached: max_connections, max_wal_senders, or the connection limit of the database or of the role (%s). flameup-sync needs %s connections"
                .formatted(raiseLimit(settings.username()), ConnectionCount.NEEDED);
    }

    /** Returns the statement that allows a role as many connections as a run needs. */
    public static String raiseLimit(String role) {
        return "ALTER ROLE %s CONNECTION LIMIT %s".formatted(Sql.identifier(role), ConnectionCount.NEEDED);
    }
}
