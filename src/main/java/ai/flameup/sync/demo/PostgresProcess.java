package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * The server's process with its directory, which holds program and data and which nobody else can enter. Both go when
 * it is closed, and when the JVM is told to end. Safe for use by many threads.
 */
final class PostgresProcess implements AutoCloseable {
    static final String SUPERUSER = "postgres";

    private final Path directory;
    private final String password;
    private final EmbeddedPostgres server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private PostgresProcess(Path directory, String password, EmbeddedPostgres server) {
        this.directory = directory;
        this.password = password;
        this.server = server;
    }

    static PostgresProcess start() {
        Path directory = newDirectory();
        try {
            String password = UUID.randomUUID().toString();
            EmbeddedPostgres server = launch(directory, password);
            PostgresProcess process = new PostgresProcess(directory, password, server);
            Runtime.getRuntime().addShutdownHook(new Thread(process::close, "demo-postgres-stop"));
            return process;
        } catch (IOException | IllegalStateException e) {
            remove(directory);
            throw new Fault(
                    ExitCode.POSTGRES,
                    "the demo's Postgres does not start in " + directory + ": " + e.getMessage()
                            + ". Programs must be allowed to run there (another place: -Djava.io.tmpdir=DIR), and"
                            + " root must be allowed user namespaces (else take another user)",
                    e);
        }
    }

    private static Path newDirectory() {
        try {
            return Files.createTempDirectory("flameup-sync-demo-");
        } catch (IOException e) {
            throw new Fault(
                    ExitCode.USAGE,
                    "no temporary directory can be made: " + e.getMessage()
                            + ". Set another place with -Djava.io.tmpdir=DIR",
                    e);
        }
    }

    private static EmbeddedPostgres launch(Path directory, String password) throws IOException {
        Path passwordFile = Files.writeString(directory.resolve("password"), password, UTF_8);
        return EmbeddedPostgres.builder()
                .setPgBinaryResolver(new Binaries())
                .setOverrideWorkingDirectory(directory.resolve("program").toFile())
                .setDataDirectory(directory.resolve("data"))
                // Options of initdb, which take the place of the library's own "trust".
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", passwordFile.toString())
                .setLocaleConfig("locale", "C")
                .setConnectConfig("password", password)
                .setServerConfig("wal_level", "logical")
                .setServerConfig("fsync", "off")
                .setServerConfig("unix_socket_directories", "")
                .setRegisterShutdownHook(false)
                .start();
    }

    int port() {
        return server.getPort();
    }

    String password() {
        return password;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            remove(directory);
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> found = Files.walk(directory)) {
            List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One for each start: the library remembers for each where it has unpacked the program, which is then removed. */
    private static final class Binaries implements PgBinaryResolver {
        @Override
        public InputStream getPgBinary(String system, String machine) throws IOException {
            return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine);
        }
    }
}
