package ai.flameup.sync.source;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.core.BaseConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool through which everything but the stream itself is asked: at most {@link ConnectionCount#POOL}, none kept when idle.
 * Every session prints values alike, whatever the server's and the role's settings are. Thread-safe.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

    private final PostgresSettings settings;
    private final boolean administrator;
    private final PostgresFailures failures;
    private final HikariDataSource pool;
    private final OpenSessions sessions = new OpenSessions();

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
        this.failures = new PostgresFailures(settings, administrator);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(settings.url());
        config.setCredentialsProvider(() -> credentials(settings));
        config.setDataSourceProperties(Connections.properties(settings));
        config.setAutoCommit(false);
        // Whatever the role's default is: what is asked behind the WAL's end is to see what was committed up to there.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setReadOnly(readOnly);
        config.setMaximumPoolSize(ConnectionCount.POOL);
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

    /** Returns what a failed statement means to the operator. */
    public Fault fault(String doing, SQLException e) {
        return failures.fault(doing, e);
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
                throw fault(doing, new PSQLException(PostgresFailures.message(e), PSQLState.PROTOCOL_VIOLATION, e));
            }
            if (!PostgresFailures.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw fault(doing, e);
            }
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: %s: role %s may not replicate (%s); ALTER ROLE %s REPLICATION, or on Amazon RDS GRANT rds_replication TO %s"
                            .formatted(
                                    doing,
                                    settings.username(),
                                    PostgresFailures.message(e),
                                    Sql.identifier(settings.username()),
                                    Sql.identifier(settings.username())),
                    e);
        }
    }

    private static Credentials credentials(PostgresSettings settings) {
        String password = settings.password();
        // Without one the driver looks into ~/.pgpass.
        return Credentials.of(settings.username(), password.isEmpty() ? null : password);
    }

    /** A connection without autocommit. To be closed by the caller. */
    public Connection connection() throws SQLException {
        return sessions.open(pool::getConnection);
    }

    /**
     * Whoever has the table locked, a migration most often, is not waited for within a statement: whoever wants to stop
     * could not.
     */
    public static void limitLockWait(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = '2s'");
        }
    }

    /** Our own commits never wait for a standby: nothing of the application's depends on them. */
    public static void commitLocally(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL synchronous_commit = local");
        }
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
