package ai.flameup.sync.source.stream;

import io.debezium.bean.StandardBeanNames;
import io.debezium.config.Configuration;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The task of {@link TextConnector}. Some properties are fixed here to the values of {@link EngineSettings}. */
public final class TextConnectorTask extends PostgresConnectorTask {
    /** Several reports are due within the shortest {@code wal_sender_timeout} of our sessions. */
    static final Duration REPORT_INTERVAL = Duration.ofSeconds(5);

    private @Nullable CdcSourceTaskContext<PostgresConnectorConfig> prepared;

    @Override
    public CdcSourceTaskContext<PostgresConnectorConfig> preStart(Configuration config) {
        CdcSourceTaskContext<PostgresConnectorConfig> created = super.preStart(config);
        prepared = created;
        return created;
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config)
            throws SQLException {
        // Debezium keeps a second connection for snapshots. It opens another one if it needs it.
        config.getBeanRegistry()
                .lookupByName(StandardBeanNames.JDBC_CONNECTION, PostgresConnection.class)
                .close();
        return ReplicationConnection.builder(config)
                .withSlot(config.slotName())
                .withPublication(config.publicationName())
                .withTableFilter(config.getTableFilters())
                .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
                .withPlugin(config.plugin())
                .dropSlotOnClose(false)
                .statusUpdateInterval(REPORT_INTERVAL)
                .withTypeRegistry(new TextTypes(jdbcConnection))
                .withSchema(new GuardedSchema(Objects.requireNonNull(prepared), schema))
                .jdbcMetadataConnection(jdbcConnection)
                .build();
    }
}
