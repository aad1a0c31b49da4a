package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A real Postgres with logical decoding, started for this process alone, with the sample schema and sample users in
 * the database {@code app}. It and its data are in a temporary directory and are gone when it is closed, or when the
 * process is told to end; nothing survives a crash. Reached by the loopback address only, with a password of its own.
 * Safe for use by many threads.
 */
public final class DemoPostgres implements AutoCloseable {
    private static final int SAMPLE_USERS = 1_000;
    private static final String DATABASE = "app";

    private final PostgresProcess process;

    private DemoPostgres(PostgresProcess process) {
        this.process = process;
    }

    /** With 1,000 sample users. */
    public static DemoPostgres start() {
        return start(SAMPLE_USERS);
    }

    /**
     * With that many sample users.
     *
     * @param users from 0
     * @throws Fault where the server cannot be started
     */
    public static DemoPostgres start(int users) {
        DemoPostgres started = new DemoPostgres(PostgresProcess.start());
        try {
            started.createSample(users);
        } catch (SQLException e) {
            started.close();
            throw new Fault(ExitCode.POSTGRES, "the demo's Postgres refuses the sample schema: " + e.getMessage(), e);
        }
        return started;
    }

    private void createSample(int users) throws SQLException {
        try (Connection admin = connect("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE DATABASE " + DATABASE);
        }
        try (Connection connection = connect();
                Statement schema = connection.createStatement();
                PreparedStatement sample = connection.prepareStatement(resource("/ai/flameup/sync/demo/sample.sql"))) {
            schema.execute(resource("/sql/schema.sql"));
            sample.setInt(1, users);
            sample.executeUpdate();
        }
    }

    private static String resource(String name) {
        try (InputStream stream = DemoPostgres.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("not in the class path: " + name);
            }
            return new String(stream.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code jdbc:postgresql://localhost:PORT/app}, without credentials. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://localhost:" + process.port() + "/" + database;
    }

    /** A superuser. */
    public String username() {
        return PostgresProcess.SUPERUSER;
    }

    /** Another one for each server. */
    public String password() {
        return process.password();
    }

    /** A new connection to the database {@code app} as superuser, which the caller closes. */
    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), username(), password());
    }

    /** Stops the server, whoever is connected, and removes its data. May be called again. */
    @Override
    public void close() {
        process.close();
    }
}
