package ai.flameup.sync.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WorkloadIT {
    @SuppressWarnings("NullAway.Init")
    private static DemoPostgres postgres;

    @BeforeAll
    static void start() {
        postgres = DemoPostgres.start(100);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void workload_changesAboutTwentyRowsASecond() throws SQLException {
        Workload workload = start(1);
        await().atMost(Duration.ofSeconds(20)).until(() -> workload.changes() >= 60);
        workload.close();

        long changes = workload.changes();
        await().during(Duration.ofMillis(300)).until(() -> workload.changes() == changes);
        assertThat(text("SELECT count(*) FROM public.users WHERE email LIKE 'person-%'"))
                .isNotEqualTo("0");
    }

    @Test
    void secondRun_usesNewAddresses() {
        start(7).close();
        Workload again = start(7);
        await().atMost(Duration.ofSeconds(20)).until(() -> again.changes() >= 40);
        again.close();
    }

    @Test
    void userChanges_makeEveryKindOfChange() throws SQLException, IOException {
        try (Connection connection = postgres.connect()) {
            connection.setAutoCommit(false);
            UserChanges users = new UserChanges(connection, 3);
            int most = 0;
            for (int i = 0; i < 500; i++) {
                most = Math.max(most, users.next());
                connection.commit();
            }
            assertThat(most).isGreaterThan(6);
        }
        assertThat(text("SELECT count(*) FROM public.users")).isNotEqualTo("100");
    }

    @Test
    void failure_isReported() throws SQLException {
        String role = "CREATE ROLE reader LOGIN PASSWORD 'p' ; GRANT SELECT ON public.users TO reader";
        try (Connection admin = postgres.connect();
                Statement statement = admin.createStatement()) {
            statement.execute(role);
        }
        Workload workload = Workload.start(postgres.jdbcUrl(), "reader", "p", 1);
        await().untilAsserted(() -> assertThatThrownBy(workload::changes)
                .isInstanceOf(Fault.class)
                .hasMessageContaining("permission denied"));
        assertThatThrownBy(workload::close).isInstanceOf(Fault.class);
    }

    @Test
    void wrongPassword_isRefused() {
        assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), "postgres", "wrong")
                        .close())
                .hasMessageContaining("password authentication failed");
    }

    private static Workload start(long seed) {
        return Workload.start(postgres.jdbcUrl(), postgres.username(), postgres.password(), seed);
    }

    private static String text(String query) throws SQLException {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }
}
