package ai.flameup.sync.source;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool through which everything but the stream itself is asked: at most {@link #CONNECTIONS}, none kept when idle.
 * Every session prints values alike, whatever the server's and the role's settings are. Thread-safe.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final String LOCKED = "55P03";
    /** The class of codes for a login that the server does not take. */
    private static final String REFUSED = "28";
    /** Of an ordinary server's, none comes while a session begins: poolers answer so to what they do not pass on. */
    private static final String PROTOCOL_VIOLATION = "08P01";

    private static final String MAY_NOT = "42501";
    private static final String TOO_MANY_CONNECTIONS = "53300";

    /** A condition that is searched for, a check of names, and a read, which needs two. */
    static final int CONNECTIONS = 4;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    private final PostgresSettings settings;
    private final boolean administrator;
    private final HikariDataSource pool;
    private final Sessions sessions = new Sessions();

    public Database(PostgresSettings settings) {
        this(settings, false, false);
    }

    /** One whose transactions cannot write, whatever they do. */
    public static Database readOnly(PostgresSettings settings) {
        return new Database(settings, true, false);
    }

    /** One through the login of {@code --admin-url}, which the configuration does not name: only failures tell it apart. */
    public static Database ofAdministrator(PostgresSettings settings) {
        return new Database(settings, false, true);
    }

    private Database(PostgresSettings settings, boolean readOnly, boolean administrator) {
        this.settings = settings;
        this.administrator = administrator;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(settings.url());
        config.setCredentialsProvider(() -> credentials(settings));
        config.setDataSourceProperties(Connections.properties(settings));
        config.setAutoCommit(false);
        // Whatever the role's default is: what is asked behind the WAL's end is to see what was committed up to there.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setReadOnly(readOnly);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(0);
        config.setIdleTimeout(Duration.ofSeconds(30).toMillis());
        config.setConnectionTimeout(Connections.LIMIT.toMillis());
        // A server that is not there is told by the first question, not by the constructor.
        config.setInitializationFailTimeout(-1);
        // Or a new connection would come with the transaction of its own first statement, which cannot change its
        // level.
        config.setIsolateInternalQueries(true);
        config.setConnectionInitSql(SessionSettings.sql(administrator));
        this.pool = new HikariDataSource(config);
    }

    public PostgresSettings settings() {
        return settings;
    }

    /**
     * Connects once beside the pool, which would try again for seconds and then tell of its own limits.
     *
     * @return the server that answered, {@code host:port}: of several, the primary
     * @throws Fault 3 with the reason
     */
    public String reach() {
        try (Connection connection =
                sessions.open(() -> Connections.open(settings, PostgresSettings.APPLICATION_NAME, administrator))) {
            String server = connection
                    .unwrap(BaseConnection.class)
                    .getQueryExecutor()
                    .getHostSpec()
                    .toString();
            LOG.debug("Reached {}", server);
            return server;
        } catch (SQLException e) {
            throw fault("connecting to " + settings.address(), e);
        }
    }

    /**
     * Connects once as the stream does, which poolers do not pass on and the role may not be allowed to, and reads nothing.
     *
     * @throws Fault 3 with the reason, and with what helps
     */
    public void reachForReplication() {
        String doing = "connecting to %s for replication".formatted(settings.address());
        try (Connection connection = sessions.open(() ->
                        Connections.openForReplication(settings, PostgresSettings.APPLICATION_NAME, administrator));
                Statement statement = connection.createStatement()) {
            statement.execute("IDENTIFY_SYSTEM");
        } catch (SQLException e) {
            if (PSQLState.SYNTAX_ERROR.getState().equals(e.getSQLState())) {
                // An ordinary session, and the server would not have made one: a pooler has dropped the parameter.
                throw fault(doing, new PSQLException(words(e), PSQLState.PROTOCOL_VIOLATION, e));
            }
            if (!MAY_NOT.equals(e.getSQLState())) {
                throw fault(doing, e);
            }
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: %s: role %s may not replicate (%s); ALTER ROLE %s REPLICATION, or on Amazon RDS GRANT rds_replication TO %s"
                            .formatted(
                                    doing,
                                    settings.username(),
                                    words(e),
                                    Sql.identifier(settings.username()),
                                    Sql.identifier(settings.username())),
                    e);
        }
    }

    /** Whether the server has refused a login for replication because of the role. */
    public static boolean mayNotReplicate(Fault fault) {
        return fault.getCause() instanceof SQLException e && MAY_NOT.equals(state(e));
    }

    /** Whether the failure is that of a pooler, which passes on no replication. */
    public static boolean isOfPooler(Fault fault) {
        return fault.getCause() instanceof SQLException e && PROTOCOL_VIOLATION.equals(state(e));
    }

    private static Credentials credentials(PostgresSettings settings) {
        String password = settings.password();
        // Without one the driver looks into ~/.pgpass.
        return Credentials.of(settings.username(), password.isEmpty() ? null : password);
    }

    /** A connection without autocommit. To be closed by the caller. */
    Connection connection() throws SQLException {
        return sessions.open(pool::getConnection);
    }

    /**
     * Whoever has the table locked, a migration most often, is not waited for within a statement: whoever wants to stop
     * could not.
     */
    static void limitLockWait(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '2s'");
        }
    }

    /** Whether {@link #limitLockWait} ended the statement. */
    static boolean isLocked(SQLException e) {
        return LOCKED.equals(e.getSQLState());
    }

    /** Our own commits never wait for a standby: nothing of the application's depends on them. */
    static void commitLocally(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL synchronous_commit = local");
        }
    }

    /** What a failed statement means to the operator. */
    public Fault fault(String doing, SQLException e) {
        Throwable root = root(e);
        String message = words(e);
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
            remedy = ConnectionRoom.remedy(settings);
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
        } else if (MAY_NOT.equals(state)) {
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
    static String words(SQLException e) {
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

    /**
     * Ends every connection and every attempt to connect, now and later, without waiting for the server. For a process
     * that is to end.
     */
    public void abort() {
        sessions.abort();
    }

    public boolean isAborted() {
        return sessions.isAborted();
    }

    /** It does not wait long: the pool would, for connections that it is making to a server that does not answer. */
    @Override
    public void close() {
        Thread closing = new Thread(pool::close, "pool's end");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(isAborted() ? 1 : CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
