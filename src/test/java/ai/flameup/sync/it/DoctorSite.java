package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The fixtures of the tests of {@code doctor}, and changes to them. */
final class DoctorSite {
    static final String PASSWORD = "s3cret-of-postgres";
    static final String LIMIT = "max_slot_wal_keep_size";

    private static final Map<Integer, PostgresServer> SERVERS = new ConcurrentHashMap<>();

    /** The server of a version that limits retained WAL, as {@code doctor} demands. It ends with the JVM. */
    static PostgresServer server(int version) {
        return SERVERS.computeIfAbsent(version, v -> PostgresServer.launch(v, Map.of(LIMIT, "20GB")));
    }

    private DoctorSite() {}

    static Fixture fixture() throws Exception {
        return fixture(server(PostgresServer.NEWEST));
    }

    /** One of which nothing is to be said. */
    static Fixture fixture(PostgresServer server) throws Exception {
        Fixture fixture = new Fixture(server);
        fixture.insertUsers(1, 5);
        configure(fixture, UnaryOperator.identity());
        return fixture;
    }

    static void configure(Fixture fixture, UnaryOperator<String> change) throws IOException {
        fixture.configure(text -> {
            String before = text.replace("password: " + fixture.server().password(), "password: " + PASSWORD);
            assertThat(before).contains(PASSWORD);
            return change.apply(before);
        });
        Files.setPosixFilePermissions(fixture.configurationFile(), PosixFilePermissions.fromString("rw-r-----"));
    }

    static void configure(Fixture fixture, String text, String replacement) throws IOException {
        configure(fixture, before -> {
            assertThat(before).contains(text);
            return before.replace(text, replacement);
        });
    }

    static String user(Fixture fixture) {
        return "username: " + fixture.server().username();
    }

    /** Returns the time of change, permissions and content of every file below the directory. */
    static Map<String, String> files(Path directory) throws IOException {
        Map<String, String> files = new TreeMap<>();
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path file : all.toList()) {
                    String content = Files.isDirectory(file) ? "" : "" + List.of(Files.readAllBytes(file).length);
                    files.put(
                            file.toString(),
                            Files.getLastModifiedTime(file) + " " + Files.getPosixFilePermissions(file) + content);
                }
            }
        }
        return files;
    }

    static void sqlite(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String resync(Fixture fixture) {
        return "flameup-sync resync --config " + fixture.configurationFile();
    }

    /** Drops the slot and moves the store away, so that the next run is a first start. */
    static void startFromScratch(Fixture fixture) throws Exception {
        fixture.server()
                .query(
                        fixture.database(),
                        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '"
                                + fixture.slot() + "'");
        Files.move(
                fixture.stateDirectory(),
                Files.createTempDirectory(fixture.directory(), "old").resolve("state"));
        fixture.catchUp();
        Doctor.look(fixture).isContent();
    }

    static void write(Fixture fixture, int megabytes) throws SQLException {
        fixture.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1 << 20)) FROM generate_series(1, "
                + megabytes + ")");
        // From such a point on the slot can begin.
        fixture.execute("CHECKPOINT");
    }

    static void putBack(PostgresServer server, Path backup) throws Exception {
        server.stop();
        PostgresServer.copyFiles(backup, server.data());
        server.start();
    }

    static void dropSlot(Fixture fixture) throws SQLException {
        fixture.execute("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");
    }
}
