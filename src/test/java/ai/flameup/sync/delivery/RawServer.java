package ai.flameup.sync.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;

/** A server that does what no library would: each of its connections runs a script. */
final class RawServer implements AutoCloseable {
    interface Script {
        void run(Peer peer) throws IOException;
    }

    private final ServerSocket server;
    private final Script script;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    private RawServer(ServerSocket server, Script script) {
        this.server = server;
        this.script = script;
        threads.execute(this::accept);
    }

    /** Each connection is closed where its script ends. */
    static RawServer start(Script script) throws IOException {
        return start(new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress()), script);
    }

    static RawServer start(ServerSocket server, Script script) {
        return new RawServer(server, script);
    }

    /** Answers every request of a connection with the same text. */
    static Script answering(String answer) {
        return peer -> {
            while (peer.readRequest()) {
                peer.send(answer);
            }
        };
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                sockets.add(socket);
                connections.incrementAndGet();
                threads.execute(() -> serve(socket));
            } catch (IOException | RejectedExecutionException closing) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            script.run(new Peer(socket));
        } catch (IOException clientGone) {
            // What the client made of it is what the tests look at.
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    int port() {
        return server.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    /** Connections of which a script saw that the client has closed them. */
    int closedByClient() {
        return closed.get();
    }

    /** The heads of all requests that came, each as it was sent. */
    List<String> heads() {
        return heads;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        threads.shutdownNow();
    }

    /** The server's end of one connection; used by its script's thread. */
    final class Peer {
        private static final int PACE_MILLIS = 20;

        private final Socket socket;
        private final InputStream in;

        private Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
        }

        /** False where the client closes the connection instead. */
        boolean readRequest() throws IOException {
            int length = readHead();
            if (length < 0) {
                return false;
            }
            in.readNBytes(length);
            return true;
        }

        /** The length of the body that follows; -1 where the client closes the connection instead. */
        int readHead() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return -1;
                }
                head.append((char) next);
            }
            heads.add(head.toString());
            return head.toString()
                    .lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length: "))
                    .mapToInt(line -> Integer.parseInt(line.substring("content-length: ".length())))
                    .findFirst()
                    .orElse(0);
        }

        void send(String text) throws IOException {
            send(text.getBytes(StandardCharsets.UTF_8));
        }

        void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        /** Sends a text again and again, each time after a moment, until the client closes the connection. */
        void trickle(String text) throws IOException {
            while (!isClosedWithin(PACE_MILLIS)) {
                try {
                    send(text);
                } catch (IOException reset) {
                    closed.incrementAndGet();
                    return;
                }
            }
        }

        /** Waits until the client closes the connection, or resets it. */
        void awaitClosed() throws IOException {
            while (!isClosedWithin(1_000)) {
                // Still open.
            }
        }

        private boolean isClosedWithin(int millis) throws IOException {
            socket.setSoTimeout(millis);
            byte[] ignored = new byte[8_192];
            try {
                while (in.read(ignored) >= 0) {
                    // The rest does not matter.
                }
            } catch (SocketTimeoutException open) {
                return false;
            } catch (IOException reset) {
                closed.incrementAndGet();
                return true;
            }
            closed.incrementAndGet();
            return true;
        }

        /** Sends as fast as the client takes it, until it closes the connection. */
        void flood(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            try {
                while (true) {
                    socket.getOutputStream().write(bytes);
                }
            } catch (IOException gone) {
                closed.incrementAndGet();
                throw gone;
            }
        }

        /** What was agreed on with TLS. */
        String applicationProtocol() {
            return ((SSLSocket) socket).getApplicationProtocol();
        }

        void endOutput() throws IOException {
            socket.shutdownOutput();
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
