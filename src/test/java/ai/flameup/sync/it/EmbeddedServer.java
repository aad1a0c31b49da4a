package ai.flameup.sync.it;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Postgres from binaries in a jar, in a process of its own, on a data directory that outlives a stop. */
final class EmbeddedServer implements PostgresServer.Engine {
    private static final int ON_CLASS_PATH = 17;

    private final int version;
    private final Map<String, String> settings;
    private final Path home;
    private final Path data;
    private final int port;
    private EmbeddedPostgres postgres;

    EmbeddedServer(int version, Map<String, String> settings) throws IOException {
        this.version = version;
        this.settings = settings;
        this.home = Files.createTempDirectory("flameup-postgres-" + version + "-");
        this.data = home.resolve("data");
        this.port = freePort();
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeQuietly, "end of Postgres " + version));
        start();
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String username() {
        return "postgres";
    }

    @Override
    public String password() {
        return "any";
    }

    @Override
    public boolean canStop() {
        return true;
    }

    @Override
    public void start() throws IOException {
        Redirect log = Redirect.appendTo(home.resolve("log").toFile());
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setOutputRedirector(log)
                .setErrorRedirector(log);
        settings.forEach(builder::setServerConfig);
        if (version != ON_CLASS_PATH) {
            builder.setPgBinaryResolver(new FromJar(jar(version)));
        }
        postgres = builder.start();
    }

    @Override
    public Path data() {
        return data;
    }

    /** A fast shutdown; where a replication client does not let go within 5 s, an immediate one. */
    @Override
    public void stop() throws IOException {
        long pid = pid();
        postgres.close();
        ProcessHandle server = ProcessHandle.of(pid).orElse(null);
        if (server != null && server.isAlive()) {
            quit(server);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (Files.exists(data.resolve("postmaster.pid"))) {
            stop();
        }
        if (Files.exists(home)) {
            try (Stream<Path> files = Files.walk(home)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private void closeQuietly() {
        try {
            close();
        } catch (IOException | RuntimeException e) {
            System.err.println("Left behind: " + home + ": " + e);
        }
    }

    private long pid() throws IOException {
        return Long.parseLong(
                Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
    }

    private static void quit(ProcessHandle server) throws IOException {
        new ProcessBuilder("kill", "-QUIT", Long.toString(server.pid())).start();
        try {
            server.onExit().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Postgres does not stop", e);
        }
    }

    private static Path jar(int version) {
        String folder = System.getProperty("flameup.test.postgres");
        if (folder == null) {
            throw new IllegalStateException("The system property flameup.test.postgres is not set");
        }
        return Path.of(folder, version + ".jar");
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A record, since the library keeps what it unpacked by the resolver that it came from. */
    private record FromJar(Path jar) implements PgBinaryResolver {
        @Override
        public InputStream getPgBinary(String system, String machine) throws IOException {
            try (JarFile file = new JarFile(jar.toFile())) {
                JarEntry archive = file.stream()
                        .filter(entry -> entry.getName().endsWith(".txz"))
                        .findFirst()
                        .orElseThrow(() -> new IOException("no binaries in " + jar));
                return new ByteArrayInputStream(file.getInputStream(archive).readAllBytes());
            }
        }
    }
}
