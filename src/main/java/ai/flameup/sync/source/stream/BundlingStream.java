package ai.flameup.sync.source.stream;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;

/** Debezium's stream, with a {@link Bundler} before the processor of its messages. All else is delegated. */
@SuppressWarnings("try") // Debezium declares that closing may throw every exception.
final class BundlingStream implements ReplicationStream {
    private final ReplicationStream stream;
    private final Bundler bundler;

    BundlingStream(ReplicationStream stream, Bundler bundler) {
        this.stream = stream;
        this.bundler = bundler;
    }

    @Override
    public void read(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        stream.read(message -> bundler.process(message, processor));
        bundler.flush(processor);
    }

    /** Reads until a bundle is passed on, which is when it is full, another message comes, or nothing is pending. */
    @Override
    public boolean readPending(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        ReplicationMessageProcessor bundling = message -> bundler.process(message, processor);
        boolean received = false;
        while (stream.readPending(bundling)) {
            received = true;
            if (bundler.isEmpty()) {
                return true;
            }
        }
        bundler.flush(processor);
        return received;
    }

    @Override
    public void flushLsn(Lsn lsn) throws SQLException {
        stream.flushLsn(lsn);
    }

    @Override
    public Lsn lastReceivedLsn() {
        return stream.lastReceivedLsn();
    }

    @Override
    public Lsn startLsn() {
        return stream.startLsn();
    }

    @Override
    public void startKeepAlive(ExecutorService service) {
        stream.startKeepAlive(service);
    }

    @Override
    public void stopKeepAlive() {
        stream.stopKeepAlive();
    }

    @Override
    public void close() throws Exception {
        stream.close();
    }
}
