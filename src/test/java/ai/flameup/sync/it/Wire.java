package ai.flameup.sync.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** A proxy to a server that can be cut: connected clients stay connected but receive nothing. */
final class Wire implements AutoCloseable {
    private static final int ALL = Integer.MAX_VALUE;

    private final String host;
    private final int port;
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
    /** All permits are available while the connection is not cut. */
    private final Semaphore whole = new Semaphore(ALL, true);

    Wire(String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        start(this::connect);
    }

    int port() {
        return server.getLocalPort();
    }

    void cut() {
        whole.acquireUninterruptibly(ALL);
    }

    void restore() {
        whole.release(ALL);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    private void connect() {
        try {
            while (true) {
                Socket near = server.accept();
                Socket far = new Socket(host, port);
                ends.add(near);
                ends.add(far);
                start(() -> carry(near, far));
                start(() -> carry(far, near));
            }
        } catch (IOException closed) {
            end();
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] bytes = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                whole.acquireUninterruptibly();
                whole.release();
                out.write(bytes, 0, read);
            }
        } catch (IOException closed) {
            ends.remove(from);
        }
    }

    private void end() {
        ends.forEach(end -> {
            try {
                end.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Override
    public void close() throws IOException {
        server.close();
        end();
    }
}
