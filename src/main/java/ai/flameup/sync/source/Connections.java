package ai.flameup.sync.source;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Opens the sidecar's connections, all with the same settings. Stateless. */
public final class Connections {
    static final Duration LIMIT = Duration.ofSeconds(10);
    /** A thread that ends a statement is most often one that is about to end the run. */
    private static final Duration CANCEL_LIMIT = Duration.ofSeconds(2);

    private Connections() {}

    /** What the driver is told; the URL's own parameters go before it. Without user and password. */
    static Properties properties(PostgresSettings settings) {
        Properties properties = new Properties();
        PGProperty.APPLICATION_NAME.set(properties, PostgresSettings.APPLICATION_NAME);
        PGProperty.LOGIN_TIMEOUT.set(properties, Long.toString(LIMIT.toSeconds()));
        PGProperty.CANCEL_SIGNAL_TIMEOUT.set(properties, Long.toString(CANCEL_LIMIT.toSeconds()));
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        // Values come as Postgres prints them, and a table that is altered makes no statement stale.
        PGProperty.BINARY_TRANSFER.set(properties, false);
        PGProperty.PREPARE_THRESHOLD.set(properties, 0);
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        if (settings.hasSeveralHosts()) {
            PGProperty.TARGET_SERVER_TYPE.set(properties, "primary");
        }
        return properties;
    }

    /** An ordinary session, in autocommit. To be closed by the caller. */
    public static Connection open(PostgresSettings settings, String name, boolean administrator) throws SQLException {
        return open(settings, properties(settings), name, SessionSettings.sql(administrator));
    }

    /** A session as the stream has it. To be closed by the caller. */
    public static Connection openForReplication(PostgresSettings settings, String name, boolean administrator)
            throws SQLException {
        Properties properties = properties(settings);
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        return open(
                settings,
                properties,
                name,
                SessionSettings.sql(administrator) + "; " + SessionSettings.replicationSql());
    }

    private static Connection open(PostgresSettings settings, Properties properties, String name, String begin)
            throws SQLException {
        PGProperty.APPLICATION_NAME.set(properties, name);
        PGProperty.USER.set(properties, settings.username());
        String password = settings.password();
        // Without one the driver looks into ~/.pgpass.
        if (!password.isEmpty()) {
            PGProperty.PASSWORD.set(properties, password);
        }
        Connection connection = DriverManager.getConnection(settings.url(), properties);
        try (Statement statement = connection.createStatement()) {
            // The login's limit ends before this, and no other thread knows of the connection yet.
            // A stream may be silent for longer than the URL's socketTimeout allows a statement.
            int limitOfUrl =
                    PGProperty.REPLICATION.getOrDefault(properties) == null ? connection.getNetworkTimeout() : 0;
            connection.setNetworkTimeout(Runnable::run, (int) LIMIT.toMillis());
            statement.execute(begin);
            connection.setNetworkTimeout(Runnable::run, limitOfUrl);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
