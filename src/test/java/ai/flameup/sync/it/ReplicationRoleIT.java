package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whether a role can replicate is decided by the server at login, not by the name of another role. */
class ReplicationRoleIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static void member(Fixture fixture, String role) throws SQLException {
        fixture.execute("CREATE ROLE rds_replication", "CREATE ROLE " + role + " LOGIN");
        fixture.execute("GRANT rds_replication TO " + role, "GRANT SELECT ON public.users TO " + role);
        fixture.configure("  username: " + fixture.server().username(), "  username: " + role);
    }

    private static String slots(Fixture fixture) throws SQLException {
        return fixture.value("SELECT count(*) FROM pg_replication_slots");
    }

    @Test
    void memberOfAManagedServersRole_onAPlainServer_mayNotReplicate() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = new Fixture(server)) {
            fixture.insertUsers(1, 3);
            member(fixture, "loginr");
            fixture.execute("CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");
            String remedy = "ALTER ROLE \"loginr\" REPLICATION";

            Doctor.look(fixture).exits(3).says("stream", "failed", remedy);
            SyncProcess.Result run = fixture.start("run").awaitExit(LIMIT);
            assertThat(run.exitCode()).as("%s", run).isEqualTo(3);
            assertThat(run.err()).contains(remedy);
            assertThat(slots(fixture)).isEqualTo("0");

            // Setup by an administrator without the right to grant the attribute reports the remedy before it creates a
            // slot.
            fixture.execute(
                    "CREATE ROLE dba LOGIN CREATEROLE REPLICATION",
                    "GRANT CREATE ON DATABASE " + fixture.database() + " TO dba",
                    "ALTER TABLE public.users OWNER TO dba",
                    "GRANT loginr TO dba WITH ADMIN OPTION");
            fixture.environment().put("FLAMEUP_SYNC_ADMIN_PASSWORD", server.password());
            SyncProcess.Result asDba = setup(fixture, "dba");
            assertThat(asDba.exitCode()).as("%s", asDba).isEqualTo(3);
            assertThat(asDba.err()).contains(remedy, "slot was not created");
            assertThat(slots(fixture)).isEqualTo("0");

            // A superuser gives it.
            SyncProcess.Result asSuperuser = setup(fixture, server.username());
            assertThat(asSuperuser.exitCode()).as("%s", asSuperuser).isZero();
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    private static SyncProcess.Result setup(Fixture fixture, String admin) {
        return fixture.start(
                        "setup",
                        "--admin-url",
                        "postgres://%s@%s:%d/%s"
                                .formatted(
                                        admin,
                                        fixture.server().host(),
                                        fixture.server().port(),
                                        fixture.database()))
                .awaitExit(LIMIT);
    }
}
