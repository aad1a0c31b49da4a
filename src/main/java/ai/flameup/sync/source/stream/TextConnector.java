package ai.flameup.sync.source.stream;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/** Debezium's connector, modified to deliver each value as the text that Postgres sent ({@link TextTypes}). */
public final class TextConnector extends PostgresConnector {
    @Override
    public Class<? extends Task> taskClass() {
        return TextConnectorTask.class;
    }
}
