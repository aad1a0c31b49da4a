package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.source.ConnectionCount;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.PooledConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The number of connections that the sidecar needs, and its error if the limit is lower. */
class ConnectionLimitIT {
    private static final int NEEDED = 8;

    private static String role(Fixture fixture) throws SQLException {
        String role = "role_" + fixture.database();
        fixture.execute(
                "CREATE ROLE " + role + " LOGIN REPLICATION",
                "GRANT SELECT ON public.users TO " + role,
                "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");
        fixture.configure("  username: " + fixture.server().username(), "  username: " + role);
        return role;
    }

    @Test
    void limitOfTheRole_belowTheNeed_endsARunAndIsFoundByDoctor() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            String role = role(fixture);
            fixture.insertUsers(1, 10);
            fixture.execute("ALTER ROLE " + role + " CONNECTION LIMIT " + (NEEDED - 2));
            String remedy = "ALTER ROLE \"" + role + "\" CONNECTION LIMIT " + NEEDED;

            Doctor.look(fixture).exits(3).says("role", "failed", remedy);
            SyncProcess.Result result = fixture.start("run").awaitExit(Duration.ofMinutes(1));
            assertThat(result.exitCode()).as("%s", result).isEqualTo(3);
            assertThat(result.err()).contains(remedy);
        }
    }

    @Test
    void limitOfTheRole_thatIsJustTheNeed_isEnough() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            String role = role(fixture);
            fixture.insertUsers(1, 5_000);
            fixture.execute("ALTER ROLE " + role + " CONNECTION LIMIT " + NEEDED);

            SyncProcess run = fixture.run();
            fixture.awaitConverged(60);
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitConverged(60);
            run.term();
            SyncProcess.Result result = run.awaitExit(Duration.ofSeconds(20));
            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(result.err()).doesNotContain("WARN", "ERROR");
        }
    }

    /** As a run uses them that searches for a condition, checks names and reads a page, which needs two. */
    @Test
    void pool_givesFourConnectionsAtOnce() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
                Database database = new Database(fixture.postgres())) {
            List<Connection> held = new ArrayList<>();
            try {
                while (held.size() < 4) {
                    held.add(PooledConnection.of(database));
                }
            } finally {
                for (Connection connection : held) {
                    connection.close();
                }
            }
            assertThat(ConnectionCount.NEEDED).isEqualTo(NEEDED);
        }
    }

    @Test
    void limitOfTheDatabase_belowTheNeed_isFound() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            role(fixture);
            fixture.execute("ALTER DATABASE " + fixture.database() + " CONNECTION LIMIT 5");
            Doctor.look(fixture).exits(3).says("role", "failed", "ALTER DATABASE", "CONNECTION LIMIT");
        }
    }
}
