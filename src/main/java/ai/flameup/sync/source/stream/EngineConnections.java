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
 * Opens Debezium's connections like the sidecar's own: with the whole URL, of which Debezium supports only one host, the same
 * session settings, and the present password.
 */
public final class EngineConnections implements JdbcConnection.ConnectionFactory {
    /** The property, after Debezium's prefix for connections, with the name under which the settings were published. */
    static final String KEY = "flameup.connections";

    /** Static, because Debezium creates the factory by its class name and passes only properties. */
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
            throw new IllegalStateException("no settings are published under the configured name");
        }
        String name = config.getString(PGProperty.APPLICATION_NAME.getName(), PostgresSettings.APPLICATION_NAME);
        return config.getString(PGProperty.REPLICATION.getName()) == null
                ? Connections.open(settings, name, false)
                : Connections.openForReplication(settings, name, false);
    }
}
