package ai.flameup.sync.source.stream;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Debezium's stream, with a {@link Bundler} before the processor of its messages. All else is delegated.
 *
 * <p>While a read waits for the server ({@link ai.flameup.sync.source.ReplicationSockets}), the driver holds a lock that a position
 * to acknowledge needs as well. The engine's thread does not wait for it: the reading thread sends the position after its read.
 */
@SuppressWarnings("try") // Debezium declares that closing may throw every exception.
final class BundlingStream implements ReplicationStream {
    private final ReplicationStream stream;
    private final Bundler bundler;
    /** Held by the thread that uses the connection. */
    private final Semaphore line = new Semaphore(1);

    private final AtomicReference<@Nullable Lsn> toFlush = new AtomicReference<>();

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
        while (readOne(bundling)) {
            received = true;
            if (bundler.isEmpty()) {
                return true;
            }
        }
        bundler.flush(processor);
        return received;
    }

    private boolean readOne(ReplicationMessageProcessor processor) throws SQLException, InterruptedException {
        line.acquire();
        try {
            flush();
            return stream.readPending(message -> {
                // The processor may wait for long.
                release();
                try {
                    processor.process(message);
                } finally {
                    line.acquireUninterruptibly();
                }
            });
        } finally {
            release();
        }
    }

    @Override
    public void flushLsn(Lsn lsn) throws SQLException {
        toFlush.set(lsn);
        flushIfFree();
    }

    /** Another thread may have left a position meanwhile. */
    private void release() throws SQLException {
        line.release();
        if (toFlush.get() != null) {
            flushIfFree();
        }
    }

    private void flushIfFree() throws SQLException {
        if (line.tryAcquire()) {
            try {
                flush();
            } finally {
                line.release();
            }
        }
    }

    private void flush() throws SQLException {
        Lsn lsn = toFlush.getAndSet(null);
        if (lsn != null) {
            stream.flushLsn(lsn);
        }
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
