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
 *
 * <p>If the slot is gone, Debezium creates another one and skips the changes between the two. The slot is checked before each
 * stream, but may be dropped until the stream begins, so it is checked once more when the session holds it.
 */
@SuppressWarnings("try") // Debezium declares that closing may throw every exception.
final class BundlingConnection implements ReplicationConnection {
    private final ReplicationConnection connection;
    private final Runnable slotCheck;
    private final Supplier<Bundler> bundlers;

    /**
     * @param slotCheck throws if the slot is gone or begins after the position
     * @param bundlers creates one for each stream
     */
    BundlingConnection(ReplicationConnection connection, Runnable slotCheck, Supplier<Bundler> bundlers) {
        this.connection = connection;
        this.slotCheck = slotCheck;
        this.bundlers = bundlers;
    }

    @Override
    public ReplicationStream startStreaming(WalPositionLocator position) throws SQLException, InterruptedException {
        return checked(connection.startStreaming(position));
    }

    @Override
    public ReplicationStream startStreaming(Lsn offset, WalPositionLocator position)
            throws SQLException, InterruptedException {
        return checked(connection.startStreaming(offset, position));
    }

    private ReplicationStream checked(ReplicationStream stream) {
        slotCheck.run();
        return new BundlingStream(stream, bundlers.get());
    }

    /** Creates none. */
    @Override
    public Optional<SlotCreationResult> createReplicationSlot() {
        slotCheck.run();
        return Optional.empty();
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
