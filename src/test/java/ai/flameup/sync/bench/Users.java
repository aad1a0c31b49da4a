package ai.flameup.sync.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A database of its own with a table of users of 11 columns. For one thread. */
final class Users implements AutoCloseable {
    static final String ROLE = "postgres";
    /** All but the key and the address, which are no traits. */
    static final List<String> TRAITS = List.of(
            "first_name", "last_name", "phone", "avatar_url", "timezone", "locale", "plan", "score", "created_at");

    private static final String TABLE = """
            CREATE TABLE public.users (
                id bigint PRIMARY KEY,
                email text UNIQUE,
                first_name text,
                last_name text,
                phone text,
                avatar_url text,
                timezone text,
                locale text,
                plan text,
                score integer,
                created_at timestamptz)
            """;

    private final Server server;
    private final String database;
    /** What the configuration has for each trait. */
    private final Map<String, String> mapping = new LinkedHashMap<>();

    private int slots;

    Users(Server server, String database) throws SQLException {
        this.server = server;
        this.database = database;
        TRAITS.forEach(trait -> mapping.put(trait, trait));
        on("postgres", "CREATE DATABASE " + database);
        execute(TABLE, "CREATE PUBLICATION flameup_sync FOR TABLE public.users");
    }

    /** Rows with the ids that follow, in one transaction; then the server is at rest, as far as it can be. */
    void insert(int from, int count) throws SQLException {
        load(from, count);
        execute("VACUUM (ANALYZE) public.users", "CHECKPOINT");
    }

    /** Rows with the ids that follow, in one transaction. */
    void load(int from, int count) throws SQLException {
        execute(insert("generate_series(%d, %d)".formatted(from, from + count - 1)));
    }

    /** Rows with the ids that follow, in transactions of so many rows. */
    void load(int from, int count, int ofOne) throws SQLException {
        execute("DO $$ BEGIN FOR n IN %d..%d BY %d LOOP %s; COMMIT; END LOOP; END $$"
                .formatted(from, from + count - 1, ofOne, insert("generate_series(n, n + %d)".formatted(ofOne - 1))));
    }

    private static String insert(String ids) {
        return """
                INSERT INTO public.users
                SELECT i, 'user' || i || '@example.com', 'First ' || i, 'Last ' || i,
                       '+49 30 ' || lpad(i::text, 7, '0'), 'https://cdn.example.com/avatars/' || md5(i::text) || '.png',
                       'Europe/Berlin', 'de-DE', CASE WHEN i %% 5 = 0 THEN 'pro' ELSE 'free' END, i %% 1000,
                       timestamptz '2026-11-23 14:42:00+00' + i * interval '1.5 seconds'
                FROM %s i
                """.formatted(ids);
    }

    /** Each in a transaction of its own. */
    void execute(String... statements) throws SQLException {
        on(database, statements);
    }

    private void on(String in, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url(in));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    Server server() {
        return server;
    }

    String database() {
        return database;
    }

    String url() {
        return server.url(database);
    }

    /** Maps a trait to an expression from now on. */
    void compute(String trait, String sql) {
        mapping.put(trait, "{sql: \"" + sql + "\"}");
    }

    /** What the configuration has for each trait. */
    Map<String, String> mapping() {
        return mapping;
    }

    /** The name of a slot that is not there yet. */
    String newSlot() {
        return database + "_" + ++slots;
    }

    void createSlot(String slot) throws SQLException {
        execute("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    }

    /** Drops a slot as soon as it is inactive, so that it retains no WAL. */
    void dropSlot(String slot) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            execute("SELECT pg_drop_replication_slot('" + slot + "')");
            return true;
        });
    }

    @Override
    public void close() throws SQLException {
        on("postgres", "DROP DATABASE " + database + " WITH (FORCE)");
    }
}
