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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The server's process, and its directory with program and data, which other users cannot read. Both are removed on
 * {@link #close} and when the JVM shuts down. Thread-safe.
 */
final class PostgresProcess implements AutoCloseable {
    static final String SUPERUSER = "postgres";

    private final TemporaryDirectory directory;
    private final String password;
    private final EmbeddedPostgres server;
    private final AtomicBoolean closed = new AtomicBoolean();

    private PostgresProcess(TemporaryDirectory directory, String password, EmbeddedPostgres server) {
        this.directory = directory;
        this.password = password;
        this.server = server;
    }

    static PostgresProcess start() {
        TemporaryDirectory directory = TemporaryDirectory.create();
        try {
            String password = UUID.randomUUID().toString();
            EmbeddedPostgres server = launch(directory.path(), password);
            PostgresProcess process = new PostgresProcess(directory, password, server);
            Runtime.getRuntime().addShutdownHook(new Thread(process::close, "demo-postgres-stop"));
            return process;
        } catch (IOException | IllegalStateException e) {
            directory.close();
            throw new Fault(
                    ExitCode.POSTGRES,
                    "the demo's Postgres does not start in " + directory.path() + ": " + e.getMessage()
                            + ". If programs cannot run in that directory, choose another one with"
                            + " -Djava.io.tmpdir=DIR. As root, it needs user namespaces: run it as another user",
                    e);
        }
    }

    private static EmbeddedPostgres launch(Path directory, String password) throws IOException {
        Path passwordFile = Files.writeString(directory.resolve("password"), password, UTF_8);
        return EmbeddedPostgres.builder()
                .setPgBinaryResolver(new Binaries())
                .setOverrideWorkingDirectory(directory.resolve("program").toFile())
                .setDataDirectory(directory.resolve("data"))
                // These options of initdb replace the library's "trust".
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

    /** Returns the directory with the server's program and data. */
    Path directory() {
        return directory.path();
    }

    /** Returns the process id of the server, of which its other processes are children. */
    long pid() {
        try {
            return Long.parseLong(Files.readAllLines(directory.path().resolve("data/postmaster.pid"))
                    .get(0)
                    .strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
            directory.close();
        }
    }

    /** A new one for each start: the library caches the unpacked program by resolver, and we remove that program. */
    private static final class Binaries implements PgBinaryResolver {
        @Override
        public InputStream getPgBinary(String system, String machine) throws IOException {
            return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine);
        }
    }
}
