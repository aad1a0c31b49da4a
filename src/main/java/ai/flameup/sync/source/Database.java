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
 * The connection pool for everything except the stream: at most {@link ConnectionCount#POOL} connections, none of them kept
 * while idle. Every session has the same settings, independent of the server and the role. Thread-safe.
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

    /** Returns a pool whose transactions are read-only. */
    public static Database readOnly(PostgresSettings settings) {
        return new Database(settings, true, false);
    }

    /** Returns a pool for the login of {@code --admin-url}, which failures name in place of the configuration. */
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
        // Independent of the role's default: a query after the end of the WAL was read must see every commit up to
        // there.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setReadOnly(readOnly);
        config.setMaximumPoolSize(ConnectionCount.POOL);
        config.setMinimumIdle(0);
        config.setIdleTimeout(Duration.ofSeconds(30).toMillis());
        config.setConnectionTimeout(Connections.LIMIT.toMillis());
        // An unreachable server fails the first query, not the constructor.
        config.setInitializationFailTimeout(-1);
        // Otherwise a new connection is already in the transaction of its first statement, and its isolation level
        // cannot
        // change.
        config.setIsolateInternalQueries(true);
        config.setConnectionInitSql(SessionSettings.sql(administrator));
        this.pool = new HikariDataSource(config);
    }

    /** Returns the fault for a failed statement, with a remedy. */
    public Fault fault(String doing, SQLException e) {
        return failures.fault(doing, e);
    }

    public PostgresSettings settings() {
        return settings;
    }

    /**
     * Connects once without the pool, which would retry for seconds and then report its own time-out.
     *
     * @return the server that answered, {@code host:port}; the primary if the URL names several
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
     * Opens a replication connection and closes it. A pooler does not support that, and the role may lack the right.
     *
     * @throws Fault 3 with the reason and a remedy
     */
    public void reachForReplication() {
        String doing = "connecting to %s for replication".formatted(settings.address());
        try (Connection connection = sessions.open(() ->
                        Connections.openForReplication(settings, PostgresSettings.APPLICATION_NAME, administrator));
                Statement statement = connection.createStatement()) {
            statement.execute("IDENTIFY_SYSTEM");
        } catch (SQLException e) {
            if (PSQLState.SYNTAX_ERROR.getState().equals(e.getSQLState())) {
                // This is an ordinary session, so a pooler has dropped the parameter.
                throw fault(doing, new PSQLException(PostgresFailures.message(e), PSQLState.PROTOCOL_VIOLATION, e));
            }
            if (!PostgresFailures.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw fault(doing, e);
            }
            throw new Fault(
                    ExitCode.POSTGRES,
                    "Postgres: %s: role %s may not replicate (%s); run ALTER ROLE %s REPLICATION, or on Amazon RDS GRANT rds_replication TO %s"
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
        // Without a password the driver reads ~/.pgpass.
        return Credentials.of(settings.username(), password.isEmpty() ? null : password);
    }

    /** Returns a connection without autocommit. The caller closes it. */
    public Connection connection() throws SQLException {
        return sessions.open(pool::getConnection);
    }

    /** Queries on a connection. */
    public interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /**
     * Runs queries on a connection of the pool and rolls back.
     *
     * @param doing the purpose, for the message of a fault, as in "reading the slot"
     * @throws Fault the fault of a failed query
     */
    public <T> T read(String doing, Work<T> work) {
        try (Connection connection = connection()) {
            T result = work.on(connection);
            connection.rollback();
            return result;
        } catch (SQLException e) {
            throw fault(doing, e);
        }
    }

    /**
     * Limits how long a statement of the transaction waits for a lock, usually a migration's: a thread that waits for a lock
     * cannot be stopped.
     */
    public static void limitLockWait(Connection connection) throws SQLException {
        Queries.execute(connection, "SET LOCAL lock_timeout = '2s'");
    }

    /** Makes the transaction's commit not wait for a standby, because no data of the application depends on it. */
    public static void commitLocally(Connection connection) throws SQLException {
        Queries.execute(connection, "SET LOCAL synchronous_commit = local");
    }

    /**
     * Aborts every connection and every attempt to connect, now and later, without waiting for the server. For a process
     * that is about to end.
     */
    public void abort() {
        sessions.abort();
    }

    public boolean isAborted() {
        return sessions.isAborted();
    }

    /** Waits for a limited time: the pool itself would wait for connections to a server that does not answer. */
    @Override
    public void close() {
        Thread closing = new Thread(pool::close, "pool-close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(isAborted() ? 1 : CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
