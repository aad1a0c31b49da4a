package ai.flameup.sync.source;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.SocketFactory;

/**
 * The sockets of replication sessions, on which a look for the next message waits longer. The driver sets a time-out of 1 ms for such
 * a look, and Debezium looks five times between two pauses, so an idle stream woke 330 times a second. A message that
 * arrives ends the wait at once. Stateless.
 */
public final class ReplicationSockets extends SocketFactory {
    /** What the driver's {@code PGStream.hasMessagePending} sets. */
    private static final int LOOK_MILLIS = 1;

    private static final int WAIT_MILLIS = 50;

    @Override
    public Socket createSocket() {
        return new Socket() {
            @Override
            public synchronized void setSoTimeout(int timeout) throws SocketException {
                super.setSoTimeout(timeout == LOOK_MILLIS ? WAIT_MILLIS : timeout);
            }
        };
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw unconnected();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        throw unconnected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw unconnected();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        throw unconnected();
    }

    private static IOException unconnected() {
        return new SocketException("the driver connects its sockets itself");
    }
}
