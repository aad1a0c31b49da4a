package ai.flameup.sync.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A real Postgres, durable as one in production is. Its data stay below the given directory. */
final class Server implements AutoCloseable {
    private static final Map<String, String> SETTINGS = Map.of(
            "wal_level", "logical",
            "fsync", "on",
            "synchronous_commit", "on",
            "shared_buffers", "256MB",
            // Checkpoints are made before a measurement, not in it.
            "max_wal_size", "8GB",
            "checkpoint_timeout", "30min",
            "max_replication_slots", "20");

    private final EmbeddedPostgres postgres;
    private final Path data;

    Server(Path directory) {
        data = directory.resolve("data");
        Redirect log = Redirect.appendTo(directory.resolve("postgres.log").toFile());
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setOverrideWorkingDirectory(directory.resolve("program").toFile())
                .setOutputRedirector(log)
                .setErrorRedirector(log);
        SETTINGS.forEach(builder::setServerConfig);
        try {
            postgres = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return postgres.getPort();
    }

    /** With credentials, for connections of our own. */
    String url(String database) {
        return "jdbc:postgresql://localhost:%d/%s?user=%s&password=%s"
                .formatted(port(), database, Users.ROLE, Users.ROLE);
    }

    long pid() {
        try {
            return Long.parseLong(
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
