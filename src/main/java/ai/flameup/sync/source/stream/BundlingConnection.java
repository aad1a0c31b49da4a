package ai.flameup.sync.source.stream;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.WalPositionLocator;
import io.debezium.connector.postgresql.spi.SlotCreationResult;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Debezium's connection, whose streams bundle the changes of rows. All else is delegated.
 *
 * <p>Debezium may search the WAL for the position at which to begin, and discard the messages until then. It does so only if the
 * offset has {@code lsn_proc}, which {@link StoredOffsets} omits.
 */
@SuppressWarnings("try") // Debezium declares that closing may throw every exception.
final class BundlingConnection implements ReplicationConnection {
    private final ReplicationConnection connection;
    private final Supplier<Bundler> bundlers;

    /** @param bundlers creates one for each stream */
    BundlingConnection(ReplicationConnection connection, Supplier<Bundler> bundlers) {
        this.connection = connection;
        this.bundlers = bundlers;
    }

    @Override
    public ReplicationStream startStreaming(WalPositionLocator position) throws SQLException, InterruptedException {
        return new BundlingStream(connection.startStreaming(position), bundlers.get());
    }

    @Override
    public ReplicationStream startStreaming(Lsn offset, WalPositionLocator position)
            throws SQLException, InterruptedException {
        return new BundlingStream(connection.startStreaming(offset, position), bundlers.get());
    }

    @Override
    public Optional<SlotCreationResult> createReplicationSlot() throws SQLException {
        return connection.createReplicationSlot();
    }

    @Override
    public void initConnection() throws SQLException, InterruptedException {
        connection.initConnection();
    }

    @Override
    public boolean isConnected() throws SQLException {
        return connection.isConnected();
    }

    @Override
    public void reconnect() throws SQLException {
        connection.reconnect();
    }

    @Override
    public void close() throws Exception {
        connection.close();
    }
}
