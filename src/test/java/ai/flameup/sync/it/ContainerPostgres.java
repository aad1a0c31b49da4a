package ai.flameup.sync.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Postgres in a container, where a Docker engine answers. */
final class ContainerPostgres implements PostgresServer.Engine {
    private final PostgreSQLContainer container;

    ContainerPostgres(int version, Map<String, String> settings) {
        List<String> command = new ArrayList<>(List.of("postgres", "-c", "fsync=off"));
        settings.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        container = new PostgreSQLContainer("postgres:" + version)
                .withUsername("postgres")
                .withPassword("postgres")
                .withDatabaseName("postgres")
                .withCommand(command.toArray(String[]::new));
        container.start();
    }

    @Override
    public String host() {
        return container.getHost();
    }

    @Override
    public int port() {
        return container.getMappedPort(5432);
    }

    @Override
    public String username() {
        return container.getUsername();
    }

    @Override
    public String password() {
        return container.getPassword();
    }

    @Override
    public boolean canStop() {
        return false;
    }

    @Override
    public void stop() {
        throw new UnsupportedOperationException("a container's port would change");
    }

    @Override
    public void start() {
        throw new UnsupportedOperationException("a container's port would change");
    }

    @Override
    public Path data() {
        throw new UnsupportedOperationException("its files are in the container");
    }

    @Override
    public void close() {
        container.stop();
    }
}
