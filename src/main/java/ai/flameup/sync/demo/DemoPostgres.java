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
 * A Postgres server for this process alone, with logical decoding, and with the sample table in the database {@code app}.
 * The server and its data are in a temporary directory, which is removed on {@link #close} and when the process ends. It
 * listens on the loopback address only, and has a random password. Thread-safe.
 */
public final class DemoPostgres implements AutoCloseable {
    private static final int SAMPLE_USERS = 1_000;
    private static final String DATABASE = "app";

    private final PostgresProcess process;

    private DemoPostgres(PostgresProcess process) {
        this.process = process;
    }

    /** Starts a server with 1,000 sample users. */
    public static DemoPostgres start() {
        return start(SAMPLE_USERS);
    }

    /**
     * Starts a server.
     *
     * @param users the number of sample users, not negative
     * @throws Fault if the server does not start
     */
    public static DemoPostgres start(int users) {
        DemoPostgres started = new DemoPostgres(PostgresProcess.start());
        try {
            started.createSample(users);
        } catch (SQLException e) {
            started.close();
            throw new Fault(ExitCode.POSTGRES, "the demo's Postgres rejects the sample schema: " + e.getMessage(), e);
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

    /** Returns {@code jdbc:postgresql://localhost:PORT/app}, without credentials. */
    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    private String jdbcUrl(String database) {
        return "jdbc:postgresql://localhost:" + process.port() + "/" + database;
    }

    /** Returns the name of a superuser. */
    public String username() {
        return PostgresProcess.SUPERUSER;
    }

    /** Returns the superuser's password, which is random for each server. */
    public String password() {
        return process.password();
    }

    /** Opens a connection to the database {@code app} as the superuser. The caller closes it. */
    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), username(), password());
    }

    /** Returns the server's process and its directory. */
    PostgresProcess process() {
        return process;
    }

    /** Stops the server, ends its connections, and removes its data. Further calls do nothing. */
    @Override
    public void close() {
        process.close();
    }
}
