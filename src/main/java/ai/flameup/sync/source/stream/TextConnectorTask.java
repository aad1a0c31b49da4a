package ai.flameup.sync.source.stream;

import ai.flameup.sync.source.TableName;
import io.debezium.bean.StandardBeanNames;
import io.debezium.config.Configuration;
import io.debezium.connector.base.QueueProviderService;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.DataChangeEvent;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** The task of {@link TextConnector}. Some properties are fixed here to the values of {@link EngineSettings}. */
public final class TextConnectorTask extends PostgresConnectorTask {
    /** The property with the name under which the run was published. */
    static final String KEY = "flameup.run";

    /** Several reports are due within the shortest {@code wal_sender_timeout} of our sessions. */
    static final Duration REPORT_INTERVAL = Duration.ofSeconds(5);

    private static final int MAX_BATCH = 2_048;
    private static final long IDLE_MILLIS = 100;

    /** Static, because Debezium creates the task by its class name and passes only properties. */
    private static final Map<String, Run> PUBLISHED = new ConcurrentHashMap<>();

    private @Nullable CdcSourceTaskContext<PostgresConnectorConfig> prepared;
    private @Nullable HandoverQueue<DataChangeEvent> queue;

    /**
     * What a run of the engine reads.
     *
     * @param watched the oids of the watched tables
     * @param bundling wraps Debezium's connection
     */
    record Run(
            TableName table,
            Set<Integer> watched,
            GuardedSchema.Guard guard,
            UnaryOperator<ReplicationConnection> bundling) {}

    static void publish(String name, Run run) {
        PUBLISHED.put(name, run);
    }

    static void withdraw(String name) {
        PUBLISHED.remove(name);
    }

    @Override
    public CdcSourceTaskContext<PostgresConnectorConfig> preStart(Configuration config) {
        CdcSourceTaskContext<PostgresConnectorConfig> created = super.preStart(config);
        prepared = created;
        return created;
    }

    private static Run published(Configuration config) {
        Run run = PUBLISHED.get(config.getString(KEY));
        if (run == null) {
            throw new IllegalStateException("no run is published under the configured name");
        }
        return run;
    }

    @Override
    public List<SourceRecord> doPoll() throws InterruptedException {
        List<SourceRecord> records = Objects.requireNonNull(queue).take(MAX_BATCH, IDLE_MILLIS).stream()
                .map(DataChangeEvent::getRecord)
                .toList();
        // Debezium's poll of the empty queue throws what the stream has failed with.
        return records.isEmpty() ? super.doPoll() : records;
    }

    @Override
    protected ReplicationConnection buildReplicationConnection(
            PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config)
            throws SQLException {
        CdcSourceTaskContext<PostgresConnectorConfig> context = Objects.requireNonNull(prepared);
        Run run = published(context.getRawConfig());
        queue = (HandoverQueue<DataChangeEvent>) config.getServiceRegistry()
                .tryGetService(QueueProviderService.class)
                .<DataChangeEvent>getQueueProvider();
        // Debezium keeps a second connection for snapshots. It opens another one if it needs it.
        config.getBeanRegistry()
                .lookupByName(StandardBeanNames.JDBC_CONNECTION, PostgresConnection.class)
                .close();
        ReplicationConnection connection = ReplicationConnection.builder(config)
                .withSlot(config.slotName())
                .withPublication(config.publicationName())
                .withTableFilter(config.getTableFilters())
                .withPublicationAutocreateMode(PostgresConnectorConfig.AutoCreateMode.DISABLED)
                .withPlugin(config.plugin())
                .dropSlotOnClose(false)
                .statusUpdateInterval(REPORT_INTERVAL)
                .withTypeRegistry(new TextTypes(jdbcConnection))
                .withSchema(new GuardedSchema(context, run.table, run.watched, run.guard))
                .jdbcMetadataConnection(jdbcConnection)
                .build();
        return run.bundling.apply(connection);
    }
}
