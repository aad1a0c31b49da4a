package ai.flameup.sync.source;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Opens connections, all with the same settings. Stateless. */
public final class Connections {
    static final Duration LIMIT = Duration.ofSeconds(10);
    /** Short, because a thread that cancels a statement usually is about to end the run. */
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(2);

    private Connections() {}

    /** Returns the driver's properties without user and password. Parameters of the URL override them. */
    static Properties properties(PostgresSettings settings) {
        Properties properties = new Properties();
        PGProperty.APPLICATION_NAME.set(properties, PostgresSettings.APPLICATION_NAME);
        PGProperty.LOGIN_TIMEOUT.set(properties, Long.toString(LIMIT.toSeconds()));
        PGProperty.CANCEL_SIGNAL_TIMEOUT.set(properties, Long.toString(CANCEL_LIMIT.toSeconds()));
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        // Text values and no prepared statements on the server: an altered table must not make a statement stale.
        PGProperty.BINARY_TRANSFER.set(properties, false);
        PGProperty.PREPARE_THRESHOLD.set(properties, 0);
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        if (settings.hasSeveralHosts()) {
            PGProperty.TARGET_SERVER_TYPE.set(properties, "primary");
        }
        return properties;
    }

    /** Opens an ordinary session in autocommit. The caller closes it. */
    public static Connection open(PostgresSettings settings, String name, boolean administrator) throws SQLException {
        return open(settings, properties(settings), name, SessionSettings.sql(administrator));
    }

    /** Opens a replication session like the stream's. The caller closes it. */
    public static Connection openForReplication(PostgresSettings settings, String name, boolean administrator)
            throws SQLException {
        Properties properties = properties(settings);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.SOCKET_FACTORY.set(properties, ReplicationSockets.class.getName());
        return open(
                settings,
                properties,
                name,
                SessionSettings.sql(administrator) + "; " + SessionSettings.replicationSql());
    }

    private static Connection open(PostgresSettings settings, Properties properties, String name, String initSql)
            throws SQLException {
        PGProperty.APPLICATION_NAME.set(properties, name);
        PGProperty.USER.set(properties, settings.username());
        String password = settings.password();
        // Without a password the driver reads ~/.pgpass.
        if (!password.isEmpty()) {
            PGProperty.PASSWORD.set(properties, password);
        }
        Connection connection = DriverManager.getConnection(settings.url(), properties);
        try (Statement statement = connection.createStatement()) {
            // The login's time limit does not cover this statement, and no other thread can abort the connection yet.
            // A stream may be silent for longer than the URL's socketTimeout.
            int timeoutOfUrl =
                    PGProperty.REPLICATION.getOrDefault(properties) == null ? connection.getNetworkTimeout() : 0;
            connection.setNetworkTimeout(Runnable::run, (int) LIMIT.toMillis());
            statement.execute(initSql);
            connection.setNetworkTimeout(Runnable::run, timeoutOfUrl);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
