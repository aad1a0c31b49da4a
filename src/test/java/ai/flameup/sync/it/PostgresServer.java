package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;

/**
 * A real Postgres of a chosen version: a container where a Docker engine answers, else embedded binaries. May be shared
 * between threads; {@link #stop} and {@link #start} by one at a time.
 */
final class PostgresServer implements AutoCloseable {
    static final int OLDEST = 14;
    static final int NEWEST = 18;

    /** Whether to test all versions, which takes too long for every build. */
    static final boolean NIGHTLY = Boolean.getBoolean("flameup.nightly");

    private static final Map<Integer, PostgresServer> SHARED = new ConcurrentHashMap<>();

    private final int version;
    private final Engine engine;
    private final ServerSessions sessions = new ServerSessions(this::connect);

    /** The launcher of the server. */
    interface Engine extends AutoCloseable {
        String host();

        int port();

        String username();

        String password();

        boolean canStop();

        void stop() throws IOException;

        void start() throws IOException;

        /** The data directory; only for a server that can stop. */
        Path data();

        @Override
        void close() throws IOException;
    }

    private PostgresServer(int version, Engine engine) {
        this.version = version;
        this.engine = engine;
    }

    /** The versions for tests that do not depend on the version: the newest, and the oldest too in nightly builds. */
    static IntStream versions() {
        return NIGHTLY ? IntStream.of(OLDEST, NEWEST) : IntStream.of(NEWEST);
    }

    /** The one server of a version that all tests without wishes of their own use; it ends with the JVM. */
    static PostgresServer shared(int version) {
        return SHARED.computeIfAbsent(version, v -> launch(v, Map.of()));
    }

    /**
     * Starts a separate server, ready for logical replication.
     *
     * @param settings go before the defaults; an empty one leaves the server its own
     */
    static PostgresServer launch(int version, Map<String, String> settings) {
        return launch(version, settings, false);
    }

    /** Starts a server with a unique system identifier. Other servers may share theirs. */
    static PostgresServer launchWithOwnIdentifier(int version) {
        return launch(version, Map.of(), true);
    }

    private static PostgresServer launch(int version, Map<String, String> settings, boolean ownIdentifier) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("wal_level", "logical");
        all.put("max_replication_slots", "50");
        all.put("max_wal_senders", "50");
        all.put("max_connections", "100");
        all.put("synchronous_commit", "on"); // the embedded one comes with off
        all.put("max_prepared_transactions", "5");
        all.putAll(settings);
        all.values().removeIf(String::isEmpty);
        try {
            return new PostgresServer(
                    version,
                    DockerAnswers.YES
                            ? new ContainerPostgres(version, all)
                            : new EmbeddedServer(version, all, ownIdentifier));
        } catch (IOException e) {
            throw new IllegalStateException("Postgres " + version + " did not start", e);
        }
    }

    /** Creates a database with the tables that the statement creates. */
    void createDatabase(String database, String tables) throws SQLException {
        // Copied files are cheaper than WAL, which every slot of the server would have to skip.
        execute("postgres", "CREATE DATABASE " + database + (version < 15 ? "" : " STRATEGY file_copy"));
        execute(database, tables);
    }

    /** Drops a database with its sessions and slots. */
    void dropDatabase(String database) throws SQLException {
        sessions.close(database);
        sessions.use("postgres", statement -> {
            statement.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");
            String slots = " FROM pg_replication_slots WHERE database = '" + database + "'";
            Eventually.within(10, "the slot's end", () -> {
                try (ResultSet active = statement.executeQuery("SELECT 1" + slots + " AND active")) {
                    return !active.next();
                }
            });
            statement.execute("SELECT pg_drop_replication_slot(slot_name)" + slots);
            return statement.execute("DROP DATABASE " + database);
        });
    }

    String host() {
        return engine.host();
    }

    int port() {
        return engine.port();
    }

    String username() {
        return engine.username();
    }

    String password() {
        return engine.password();
    }

    String jdbcUrl(String database) {
        return jdbcUrl(host(), port(), database);
    }

    static String jdbcUrl(String host, int port, String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), username(), password());
    }

    /** Executes each statement in its own transaction, which waits for no standby. */
    void execute(String database, String... statements) throws SQLException {
        sessions.use(database, statement -> {
            statement.execute("SET synchronous_commit = local");
            for (String sql : statements) {
                statement.execute(sql);
            }
            return null;
        });
    }

    /** The rows of a query, each as its columns' texts by name. */
    List<Map<String, String>> query(String database, String sql) throws SQLException {
        return sessions.use(database, statement -> {
            try (ResultSet result = statement.executeQuery(sql)) {
                ResultSetMetaData columns = result.getMetaData();
                List<Map<String, String>> rows = new ArrayList<>();
                while (result.next()) {
                    Map<String, String> row = new LinkedHashMap<>();
                    for (int i = 1; i <= columns.getColumnCount(); i++) {
                        row.put(columns.getColumnLabel(i), result.getString(i));
                    }
                    rows.add(row);
                }
                return rows;
            }
        });
    }

    /** The first column of the only row. */
    String value(String database, String sql) throws SQLException {
        List<Map<String, String>> rows = query(database, sql);
        assertThat(rows).as(sql).hasSize(1);
        return rows.get(0).values().iterator().next();
    }

    /** Whether {@link #stop} and {@link #start} work: not in a container, whose port would change. */
    boolean canStop() {
        return engine.canStop();
    }

    /** Stops the server and keeps its data directory and port. */
    void stop() throws IOException {
        engine.stop();
    }

    /** Starts it again, on the same data directory and port. */
    void start() throws IOException {
        engine.start();
    }

    /** The data directory of a stopped server. */
    Path data() {
        return engine.data();
    }

    /** Copies the files of a server that is stopped, in place of those that are there. */
    static void copyFiles(Path from, Path to) throws IOException {
        deleteFiles(to);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    static void deleteFiles(Path root) throws IOException {
        if (Files.exists(root)) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Stops it, and starts it as a standby that is promoted at once: another timeline. */
    void promote(boolean withSlots) throws IOException, SQLException {
        stop();
        if (!withSlots) {
            deleteFiles(data().resolve("pg_replslot"));
            Files.createDirectory(data().resolve("pg_replslot"));
        }
        Files.createFile(data().resolve("standby.signal"));
        start();
        query("postgres", "SELECT pg_promote()");
        Eventually.within(30, "the promotion", () -> value("postgres", "SELECT pg_is_in_recovery()")
                .equals("f"));
    }

    /** Makes every commit with {@code synchronous_commit = on} wait for a standby that does not exist. */
    void awaitSilentStandby() throws SQLException {
        execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'missing'", "SELECT pg_reload_conf()");
        Eventually.within(10, "the reload", () -> value("postgres", "SHOW synchronous_standby_names")
                .equals("missing"));
    }

    /** Releases the commits that wait for the standby. */
    void releaseSilentStandby() throws SQLException {
        execute("postgres", "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
    }

    /** Requires the password of these roles. All other roles are accepted with any password. */
    void demandPassword(String... roles) throws SQLException {
        List<String> lines = new ArrayList<>();
        lines.add("('local all all trust')");
        for (String role : roles) {
            lines.add("('host all " + role + " all scram-sha-256')");
        }
        lines.add("('host all all all trust')");
        lines.add("('host replication all all trust')");
        String file = value("postgres", "SHOW hba_file");
        execute(
                "postgres",
                "COPY (VALUES " + String.join(", ", lines) + ") TO '" + file.replace("'", "''") + "'",
                "SELECT pg_reload_conf()");
    }

    /** Returns every object that the sidecar could have left in a database and its server. */
    String fingerprint(String database) throws SQLException {
        return String.join(
                "\n",
                query(
                                database,
                                "SELECT slot_name, plugin, database, restart_lsn, confirmed_flush_lsn"
                                        + " FROM pg_replication_slots WHERE database = current_database() ORDER BY 1")
                        .toString(),
                query(
                                database,
                                "SELECT pubname, pubinsert, pubupdate, pubdelete, pubtruncate, t.schemaname, t.tablename"
                                        + " FROM pg_publication p LEFT JOIN pg_publication_tables t USING (pubname)"
                                        + " ORDER BY 1, 6, 7")
                        .toString(),
                query(
                                database,
                                "SELECT n.nspname, c.relname, c.relkind, c.relreplident, c.relacl::text, c.relhastriggers"
                                        + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                        + " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2")
                        .toString(),
                query(database, "SELECT rolname, rolreplication FROM pg_roles ORDER BY 1")
                        .toString());
    }

    @Override
    public void close() throws IOException {
        engine.close();
    }

    /** Asked once, and only when the first server is wanted. */
    private static final class DockerAnswers {
        static final boolean YES = ask();

        private static boolean ask() {
            try {
                return DockerClientFactory.instance().isDockerAvailable();
            } catch (RuntimeException e) {
                return false;
            }
        }
    }
}
