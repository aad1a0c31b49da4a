package ai.flameup.sync.it;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Postgres from binaries in a jar, in a separate process, on a data directory that survives a stop. */
final class EmbeddedServer implements PostgresServer.Engine {
    private static final int ON_CLASS_PATH = 17;

    /** The maximum that all test servers together need. */
    private static final long PLENTY_BYTES = 8L << 30;

    /** Memory if there is plenty of it, because each database is hundreds of files that live for seconds. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private final int version;
    private final Map<String, String> settings;
    private final Path home;
    private final Path data;
    private final int port;
    private EmbeddedPostgres postgres;

    /**
     * Starts a server.
     *
     * @param ownIdentifier whether its system identifier differs from the one that the servers of a version share
     */
    EmbeddedServer(int version, Map<String, String> settings, boolean ownIdentifier) throws IOException {
        this.version = version;
        this.settings = settings;
        this.home = newDirectory("flameup-postgres-" + version + "-");
        this.data = home.resolve("data");
        this.port = freePort();
        Runtime.getRuntime().addShutdownHook(new Thread(this::closeQuietly, "end of Postgres " + version));
        if (!ownIdentifier) {
            PostgresServer.copyFiles(template(version), data);
        }
        start();
    }

    private static Path newDirectory(String prefix) throws IOException {
        boolean inMemory =
                Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() > PLENTY_BYTES;
        return inMemory ? Files.createTempDirectory(MEMORY, prefix) : Files.createTempDirectory(prefix);
    }

    /** The data directory of a new server. All test JVMs share it, because initdb takes a second of CPU time. */
    private static synchronized Path template(int version) throws IOException {
        Path template = folder().resolve("data-" + version);
        try (FileChannel channel =
                FileChannel.open(folder().resolve("data.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            if (!Files.exists(template)) {
                Path unfinished = folder().resolve("unfinished");
                PostgresServer.deleteFiles(unfinished);
                builder(version, unfinished, freePort(), Redirect.DISCARD)
                        .start()
                        .close();
                Files.move(unfinished, template);
            }
        }
        return template;
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
        EmbeddedPostgres.Builder builder = builder(
                version, data, port, Redirect.appendTo(home.resolve("log").toFile()));
        settings.forEach(builder::setServerConfig);
        postgres = builder.start();
    }

    private static EmbeddedPostgres.Builder builder(int version, Path data, int port, Redirect log) {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setOutputRedirector(log)
                .setErrorRedirector(log);
        if (version != ON_CLASS_PATH) {
            builder.setPgBinaryResolver(new FromJar(folder().resolve(version + ".jar")));
        }
        return builder;
    }

    @Override
    public Path data() {
        return data;
    }

    /** Stops the server with a fast shutdown, or an immediate one if a client stays connected for 5 s. */
    @Override
    public void stop() throws IOException {
        long pid = pid();
        postgres.close();
        // The file shows it, because an ended process stays visible until init reaps it.
        if (isRunning()) {
            quit(ProcessHandle.of(pid).orElseThrow());
        }
    }

    private boolean isRunning() {
        return Files.exists(data.resolve("postmaster.pid"));
    }

    @Override
    public synchronized void close() throws IOException {
        if (isRunning()) {
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

    private static Path folder() {
        String folder = System.getProperty("flameup.test.postgres");
        if (folder == null) {
            throw new IllegalStateException("The system property flameup.test.postgres is not set");
        }
        return Path.of(folder);
    }

    /** Returns a free port below those that the system gives to clients: one of theirs may be taken before a server has it. */
    static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(16_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // Another one is tried.
            }
        }
    }

    /** A record, because the library caches unpacked binaries by their resolver. */
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
