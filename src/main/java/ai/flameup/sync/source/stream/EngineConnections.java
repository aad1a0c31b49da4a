package ai.flameup.sync.source.stream;

import ai.flameup.sync.source.Connections;
import ai.flameup.sync.source.PostgresSettings;
import io.debezium.jdbc.JdbcConfiguration;
import io.debezium.jdbc.JdbcConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.PGProperty;

/**
 * Opens Debezium's connections as the sidecar opens its own: by the whole URL, of which Debezium knows one host, one port
 * and a database, with the same settings of the session, and with the password as it is then.
 */
public final class EngineConnections implements JdbcConnection.ConnectionFactory {
    /** The property that names what was published, behind Debezium's prefix for connections. */
    static final String KEY = "flameup.connections";

    /** Debezium makes the factory by its class name: this is the only way to hand it anything. */
    private static final Map<String, PostgresSettings> PUBLISHED = new ConcurrentHashMap<>();

    static void publish(String name, PostgresSettings settings) {
        PUBLISHED.put(name, settings);
    }

    static void withdraw(String name) {
        PUBLISHED.remove(name);
    }

    @Override
    public Connection connect(JdbcConfiguration config) throws SQLException {
        PostgresSettings settings = PUBLISHED.get(config.getString(KEY));
        if (settings == null) {
            throw new IllegalStateException("no settings were published");
        }
        String name = config.getString(PGProperty.APPLICATION_NAME.getName(), PostgresSettings.APPLICATION_NAME);
        return config.getString(PGProperty.REPLICATION.getName()) == null
                ? Connections.open(settings, name, false)
                : Connections.openForReplication(settings, name, false);
    }
}
