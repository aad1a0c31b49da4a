package ai.flameup.sync.it;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Stands before a server, and passes sessions on, but for those that are refused by their startup packet, with the message
 * of PgBouncer.
 */
final class Relay implements AutoCloseable {
    private static final int SSL_REQUEST = 80_877_103;
    private static final int GSS_REQUEST = 80_877_104;
    private final String host;
    private final int port;
    private final Predicate<String> refused;
    private final UnaryOperator<String> passed;
    private final ServerSocket server;
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();

    /**
     * @param address to listen at
     * @param refused by the startup packet, each of its bytes a character
     */
    Relay(String address, PostgresServer behind, Predicate<String> refused) throws IOException {
        this(address, behind, refused, UnaryOperator.identity());
    }

    private Relay(String address, PostgresServer behind, Predicate<String> refused, UnaryOperator<String> passed)
            throws IOException {
        this.refused = refused;
        this.passed = passed;
        this.server = new ServerSocket(0, 50, InetAddress.getByName(address));
        this.host = behind.host();
        this.port = behind.port();
        start(this::accept);
    }

    /** As PgBouncer before its version 1.23. */
    static Relay pooler(PostgresServer behind) throws IOException {
        return new Relay("127.0.0.1", behind, packet -> packet.contains("\0replication\0"));
    }

    /** As PgBouncer with {@code replication} among its {@code ignore_startup_parameters}. */
    static Relay poolerThatIgnores(PostgresServer behind) throws IOException {
        return new Relay("127.0.0.1", behind, packet -> false, packet -> packet.replace("replication\0database\0", ""));
    }

    int port() {
        return server.getLocalPort();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = server.accept();
                ends.add(near);
                start(() -> begin(near));
            }
        } catch (IOException closed) {
            end();
        }
    }

    private void begin(Socket near) {
        try {
            DataInputStream in = new DataInputStream(near.getInputStream());
            DataOutputStream out = new DataOutputStream(near.getOutputStream());
            byte[] packet = packet(in);
            while (codeOf(packet) == SSL_REQUEST || codeOf(packet) == GSS_REQUEST) {
                out.write('N');
                packet = packet(in);
            }
            if (refused.test(new String(packet, StandardCharsets.ISO_8859_1))) {
                refuse(near, out);
                return;
            }
            Socket far = new Socket(host, port);
            ends.add(far);
            DataOutputStream behind = new DataOutputStream(far.getOutputStream());
            byte[] startup = passed.apply(new String(packet, StandardCharsets.ISO_8859_1))
                    .getBytes(StandardCharsets.ISO_8859_1);
            behind.writeInt(startup.length + 4);
            behind.write(startup);
            start(() -> carry(far, near));
            carry(near, far);
        } catch (IOException closed) {
            ends.remove(near);
        }
    }

    private static byte[] packet(DataInputStream in) throws IOException {
        byte[] packet = new byte[in.readInt() - 4];
        in.readFully(packet);
        return packet;
    }

    private static int codeOf(byte[] packet) {
        return ((packet[0] & 0xff) << 24) | ((packet[1] & 0xff) << 16) | ((packet[2] & 0xff) << 8) | (packet[3] & 0xff);
    }

    private static void refuse(Socket near, DataOutputStream out) throws IOException {
        byte[] fields =
                "SFATAL\0C08P01\0Munsupported startup parameter: replication\0\0".getBytes(StandardCharsets.US_ASCII);
        out.write('E');
        out.writeInt(fields.length + 4);
        out.write(fields);
        out.flush();
        near.close();
    }

    private void carry(Socket from, Socket to) {
        byte[] bytes = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                to.getOutputStream().write(bytes, 0, read);
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
