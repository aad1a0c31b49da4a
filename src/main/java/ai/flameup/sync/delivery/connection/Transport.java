package ai.flameup.sync.delivery.connection;

import java.time.Duration;

/**
 * What every request to one host shares. Thread-safe.
 *
 * @param timeout for getting a connection, and again from sending to the whole answer
 */
public record Transport(Connections connections, Deadlines deadlines, Duration timeout) implements AutoCloseable {
    /** Cuts off the requests in flight, which end as failed. */
    @Override
    public void close() {
        connections.stop();
        deadlines.close();
        connections.close();
    }
}
