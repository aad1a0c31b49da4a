package ai.flameup.sync.source;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * What failures of Postgres and its driver mean: by SQLSTATE, as "PostgreSQL Error Codes" (appendix A of its documentation)
 * lists them. Immutable.
 *
 * @param administrator whether the login is that of {@code --admin-url}
 */
public record PostgresFailures(PostgresSettings settings, boolean administrator) {
    private static final String LOCKED = "55P03";
    /** The class of codes for a login that the server does not take. */
    private static final String REFUSED = "28";
    /** Of an ordinary server's, none comes while a session begins: poolers answer so to what they do not pass on. */
    private static final String PROTOCOL_VIOLATION = "08P01";

    static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String TOO_MANY_CONNECTIONS = "53300";

    /** Returns what a failed statement means to the operator. */
    Fault fault(String doing, SQLException e) {
        Throwable root = root(e);
        String message = message(e);
        if (root.getCause() instanceof UnknownHostException) {
            message = "the host is unknown";
        }
        String state = state(e);
        String remedy;
        // The driver itself rejects an empty password where the server wants one.
        boolean lacksPassword = PSQLState.CONNECTION_REJECTED.getState().equals(state)
                && settings.password().isEmpty();
        if (state.equals(PROTOCOL_VIOLATION)) {
            remedy =
                    "a connection pooler such as PgBouncer appears to answer there, and it passes on neither replication nor session settings; name the server itself in "
                            + origin();
        } else if (state.equals(TOO_MANY_CONNECTIONS)) {
            remedy = connectionsRemedy();
        } else if (state.startsWith(REFUSED) || lacksPassword) {
            remedy = administrator
                    ? "check the administrator's role %s in --admin-url, its password in $%s or ~/.pgpass, and pg_hba.conf"
                            .formatted(settings.username(), PostgresSettings.ADMIN_PASSWORD)
                    : "check postgres.username, postgres.password (or its password-file) and pg_hba.conf; where there is no such role yet, `flameup-sync setup` makes it";
        } else if (PSQLState.isConnectionError(state) || state.startsWith("57P")) {
            remedy = "check %s, and that the server runs and accepts connections".formatted(origin());
        } else if ("3D000".equals(state)) {
            remedy = "check the database in " + origin();
        } else if ("53400".equals(state)) {
            remedy =
                    "raise the limit that the server names: temp_file_limit, or max_replication_slots, which needs a restart (dropping an unused slot helps as well)";
        } else if ("42703".equals(state) || "42P01".equals(state)) {
            remedy = "the table was altered: put it back, or change the mapping";
        } else if (LOCKED.equals(state)) {
            remedy = "another session has locked the table: try again once it has let go (pg_locks shows it)";
        } else if (INSUFFICIENT_PRIVILEGE.equals(state)) {
            remedy = "grant it as sql/setup.sql does";
        } else {
            remedy = "see the server's log";
        }
        if (isOfUrl(root, state)) {
            return new Fault(
                    ExitCode.USAGE, "%s has a parameter that the driver refuses: %s".formatted(origin(), message), e);
        }
        return new Fault(ExitCode.POSTGRES, "Postgres: %s: %s; %s".formatted(doing, message, remedy), e);
    }

    /** The driver itself says so, whatever server there is: a value that it cannot use, or a class that is not there. */
    private static boolean isOfUrl(Throwable root, String state) {
        return root instanceof PSQLException said
                && said.getServerErrorMessage() == null
                && (PSQLState.INVALID_PARAMETER_VALUE.getState().equals(state)
                        || said.getCause() instanceof ReflectiveOperationException);
    }

    /** It lacks a password or TLS, or does not know what the server asks for: it is a matter of the configuration. */
    private static boolean isRefusedByDriver(Throwable root, String state) {
        return PSQLState.CONNECTION_REJECTED.getState().equals(state)
                && root instanceof PSQLException said
                && said.getServerErrorMessage() == null;
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

    /** What Postgres or its driver said, in one line. */
    public static String message(SQLException e) {
        return String.valueOf(root(e).getMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceAll("[.!]+$", "");
    }

    /**
     * Whether the failure is the connection's or the server's of the moment, and not the statement's, nor that of a login
     * that is refused.
     */
    public static boolean isPassing(Fault fault) {
        if (!(fault.getCause() instanceof SQLException e)) {
            return false;
        }
        Throwable root = root(e);
        // The pool's own exception says that it has waited, whatever the server said meanwhile.
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

    /** What the server or the driver said, whatever is wrapped around it. */
    private static String state(SQLException e) {
        return root(e) instanceof SQLException said ? String.valueOf(said.getSQLState()) : "";
    }

    /** Whether the connection was lost, or taken. */
    public static boolean isOfConnection(Fault fault) {
        return fault.getCause() instanceof SQLException e
                && (PSQLState.isConnectionError(String.valueOf(e.getSQLState()))
                        || String.valueOf(e.getSQLState()).startsWith("57P"));
    }

    /** Whether a statement failed for a reason of its own, which it will have again; not where there was no session for it. */
    public static boolean isOfStatement(Fault fault) {
        return fault.getCause() instanceof SQLException e
                && !(e instanceof SQLTransientException)
                && !state(e).startsWith(REFUSED)
                && !isPassing(fault);
    }

    /** Whether the server has refused a login for replication because of the role. */
    public static boolean mayNotReplicate(Fault fault) {
        return fault.getCause() instanceof SQLException e && INSUFFICIENT_PRIVILEGE.equals(state(e));
    }

    /** Whether the failure is that of a pooler, which passes on no replication. */
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
        return "close sessions that are not needed, or raise the limit that is reached: max_connections, max_wal_senders, the database's, or the role's (%s); flameup-sync needs %s connections"
                .formatted(raiseLimit(settings.username()), ConnectionCount.NEEDED);
    }

    /** Returns the statement that gives a role as many connections as a run needs. */
    public static String raiseLimit(String role) {
        return "ALTER ROLE %s CONNECTION LIMIT %s".formatted(Sql.identifier(role), ConnectionCount.NEEDED);
    }
}
