package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The test servers have the properties that other tests rely on. */
class PostgresServerIT {
    @ParameterizedTest
    @ValueSource(ints = {14, 17, 18})
    void server_hasRequestedVersionAndLogicalWal(int version) throws Exception {
        try (PostgresServer server = PostgresServer.launch(version, Map.of())) {
            assertThat(server.value("postgres", "SHOW server_version_num")).startsWith(Integer.toString(version));
            assertThat(server.value("postgres", "SHOW wal_level")).isEqualTo("logical");
            server.execute("postgres", "SELECT pg_create_logical_replication_slot('s', 'pgoutput')");
        }
    }

    @Test
    void restart_keepsDataPortAndSlots() throws Exception {
        try (PostgresServer server = PostgresServer.launch(18, Map.of())) {
            assumeThat(server.canStop()).isTrue();
            int port = server.port();
            server.execute(
                    "postgres",
                    "CREATE TABLE t AS SELECT 42 AS a",
                    "SELECT pg_create_logical_replication_slot('s', 'pgoutput')");

            server.stop();
            assertThatThrownBy(() -> server.connect("postgres")).isInstanceOf(SQLException.class);
            server.start();

            assertThat(server.port()).isEqualTo(port);
            assertThat(server.value("postgres", "SELECT a FROM t")).isEqualTo("42");
            assertThat(server.value("postgres", "SELECT count(*) FROM pg_replication_slots"))
                    .isEqualTo("1");
        }
    }

    @Test
    void silentStandby_hidesCommitUntilReleased() throws Exception {
        PostgresServer server = PostgresServer.shared(18);
        server.execute("postgres", "CREATE TABLE waiting (a int)");
        server.awaitSilentStandby();
        CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> {
            try (Connection connection = server.connect("postgres");
                    Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO waiting VALUES (1)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            Eventually.within(10, "a session that waits for the standby", () -> server.value(
                            "postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                    .equals("1"));
            assertThat(commit).isNotDone();
            assertThat(server.value("postgres", "SELECT count(*) FROM waiting")).isEqualTo("0");
        } finally {
            server.releaseSilentStandby();
        }
        commit.get(10, TimeUnit.SECONDS);
        assertThat(server.value("postgres", "SELECT count(*) FROM waiting")).isEqualTo("1");
    }

    @Test
    void passwordRole_needsPassword() throws Exception {
        try (PostgresServer server = PostgresServer.launch(14, Map.of())) {
            server.execute("postgres", "CREATE ROLE guarded LOGIN PASSWORD 'right'");
            server.demandPassword("guarded");

            Eventually.within(10, "the refusal", () -> {
                try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl("postgres"), "guarded", "wrong")) {
                    return connection.isClosed();
                } catch (SQLException e) {
                    return e.getSQLState().startsWith("28");
                }
            });
            assertThat(server.value("postgres", "SELECT 1")).isEqualTo("1");
        }
    }
}
