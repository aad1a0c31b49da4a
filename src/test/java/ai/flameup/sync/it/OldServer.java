package ai.flameup.sync.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A proxy to a Postgres 14 that replaces the version in its responses by 13. */
final class OldServer implements AutoCloseable {
    private final PostgresServer server;
    private final ServerSocket listener;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    OldServer(PostgresServer server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() throws IOException {
        while (!listener.isClosed()) {
            Socket client = listener.accept();
            Socket upstream = new Socket(server.host(), server.port());
            sockets.add(client);
            sockets.add(upstream);
            daemon(() -> pass(client, upstream, false));
            daemon(() -> pass(upstream, client, true));
        }
    }

    private static void pass(Socket from, Socket to, boolean aged) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                byte[] bytes = java.util.Arrays.copyOf(buffer, length);
                out.write(aged ? aged(bytes) : bytes);
                out.flush();
            }
        }
    }

    /** Replaces texts by texts of equal length, so that message lengths stay correct. Latin 1 preserves every byte. */
    private static byte[] aged(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .replaceAll("\\b14(\\.\\d)", "13$1")
                .replaceAll("\\b14(00\\d\\d)\\b", "13$1")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException closed) {
                        // One side has disconnected, so the other is closed too.
                    }
                },
                "old server");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
