package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Bad input is reported in one clear line with its exit code, and nothing is changed. */
class BadInputIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int STORE = 8;

    static void assertNoStackTrace(SyncProcess.Result result) {
        assertThat(result.errLines())
                .as("%s", result)
                .noneMatch(
                        line -> line.startsWith("\tat ") || line.contains("Exception") || line.contains("Caused by"));
    }

    /** Runs the command and expects a refusal that changes nothing. */
    private static SyncProcess.Result refused(Fixture fixture, int exitCode, String... oneLineWith)
            throws SQLException {
        String database = fixture.server().fingerprint(fixture.database());
        String store = fixture.store().content();
        long requests = fixture.standIn().requests();

        SyncProcess.Result result = fixture.untilCaughtUp();

        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        assertNoStackTrace(result);
        assertThat(result.errLines().stream()
                        .filter(line -> List.of(oneLineWith).stream().allMatch(line::contains)))
                .as("lines with %s in %s", List.of(oneLineWith), result)
                .hasSize(1);
        assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(database);
        assertThat(fixture.store().content()).isEqualTo(store);
        assertThat(fixture.standIn().requests()).isEqualTo(requests);
        return result;
    }

    private static Fixture fixture() throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, 5);
        return fixture;
    }

    @Test
    void wrongPassword() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.OLDEST, Map.of());
                Fixture fixture = new Fixture(server)) {
            fixture.insertUsers(1, 5);
            fixture.execute("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'right-secret'");
            server.demandPassword("guarded");
            String right = "username: guarded\n  password: right-secret";
            String current = "username: " + server.username() + "\n  password: " + server.password();
            fixture.configure(current, right.replace("right", "wrong"));

            SyncProcess.Result result = refused(fixture, POSTGRES, "guarded");
            assertThat(result.toString()).doesNotContain("wrong-secret");

            // nor once there are a slot and a store
            fixture.configure(current, right);
            fixture.catchUp();
            fixture.insertUsers(6, 10);
            fixture.configure(current, right.replace("right", "wrong"));
            refused(fixture, POSTGRES, "guarded");
            fixture.configure(current, right);
            fixture.catchUp();
            fixture.assertConverged();
        }
    }

    @Test
    void unreachableServer() throws Exception {
        try (Fixture fixture = fixture()) {
            int unusedPort = EmbeddedServer.freePort();
            fixture.configure(":" + fixture.server().port() + "/", ":" + unusedPort + "/");
            refused(fixture, POSTGRES, Integer.toString(unusedPort));
        }
    }

    @Test
    void missingDatabase() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("/" + fixture.database() + "\n", "/nowhere\n");
            refused(fixture, POSTGRES, "nowhere");
        }
    }

    @Test
    void missingTable() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("public.users", "public.members");
            refused(fixture, POSTGRES, "public.members");
        }
    }

    @Test
    void missingColumns() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("    phone: phone\n", "    phone: telephone\n    tier: tier\n");
            SyncProcess.Result result = refused(fixture, POSTGRES, "telephone");
            assertThat(result.err()).contains("tier").doesNotContain("{sql:");
        }
    }

    @Test
    void tableWithoutReplicaIdentity() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("ALTER TABLE public.users DROP CONSTRAINT users_pkey");
            refused(fixture, POSTGRES, "public.users", "replica identity");
        }
    }

    @Test
    void tableWithReplicaIdentityNothing() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.execute("ALTER TABLE public.users REPLICA IDENTITY NOTHING");
            refused(fixture, POSTGRES, "public.users", "replica identity");
        }
    }

    @Test
    void serverWithoutLogicalDecoding() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of("wal_level", "replica"));
                Fixture fixture = new Fixture(server)) {
            fixture.insertUsers(1, 5);
            refused(fixture, POSTGRES, "wal_level");
        }
    }

    @Test
    void serverOlderThan14() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.OLDEST));
                OldServer old = new OldServer(fixture.server())) {
            fixture.insertUsers(1, 5);
            fixture.configure(
                    fixture.server().jdbcUrl(fixture.database()),
                    PostgresServer.jdbcUrl("127.0.0.1", old.port(), fixture.database()));
            refused(fixture, POSTGRES, "13", "14");
        }
    }

    @Test
    void unknownKey() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("  workspace: demo", "  workspace: demo\n  max-in-fligth: 8");
            refused(fixture, USAGE, "max-in-fligth", "max-in-flight");
        }
    }

    @Test
    void expressionAsColumn() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("    phone: phone\n", "    phone: settings->>'phone'\n");
            refused(
                    fixture,
                    POSTGRES,
                    "mapping.traits.phone: the table has no column settings->>'phone'; a plain value names a column, so write"
                            + " an expression as {sql: \"...\"}");
        }
    }

    @Test
    void missingFiles() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("  token: ${FLAMEUP_TOKEN}\n", "  token-file: missing.token\n  ca-file: missing.pem\n");
            SyncProcess.Result result = refused(fixture, USAGE, "flameup.token-file: does not exist: missing.token");
            assertThat(result.err()).contains("flameup.ca-file: does not exist: ", "missing.pem");
        }
    }

    @Test
    void missingToken() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.environment().remove("FLAMEUP_TOKEN");
            refused(fixture, USAGE, "token", "FLAMEUP_TOKEN");
        }
    }

    @Test
    void unconfiguredToken() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("  token: ${FLAMEUP_TOKEN}\n", "");
            refused(fixture, USAGE, "token");
        }
    }

    @Test
    void plainHttpToAnotherHost() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure(fixture.standIn().baseUrl().toString(), "http://api.example.com");
            refused(fixture, USAGE, "base-url", "http://api.example.com");
        }
    }

    @Test
    void configurationProblems_areReportedTogether() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.environment().remove("FLAMEUP_TOKEN");
            fixture.configure(text -> text.replace(fixture.standIn().baseUrl().toString(), "http://api.example.com")
                    .replace("  workspace: demo", "  workspaces: demo")
                    .replace("on-null", "on-nul"));
            SyncProcess.Result result = refused(fixture, USAGE, "base-url");
            assertThat(result.err()).contains("FLAMEUP_TOKEN").contains("workspaces");
        }
    }

    @Test
    void missingConfigurationFile() throws Exception {
        try (Fixture fixture = fixture()) {
            Files.delete(fixture.configurationFile());
            refused(fixture, USAGE, fixture.configurationFile() + ": the configuration does not exist");
        }
    }

    /** A directory below a file, which not even root can create. */
    @Test
    void unwritableStateDirectory() throws Exception {
        try (Fixture fixture = fixture()) {
            Path file = Files.writeString(fixture.directory().resolve("file"), "");
            String directory = file.resolve("state").toString();
            fixture.configure(fixture.stateDirectory().toString(), directory);
            refused(fixture, STORE, directory);
        }
    }

    @Test
    void invalidStore() throws Exception {
        try (Fixture fixture = fixture()) {
            Files.createDirectories(fixture.stateDirectory());
            Path file =
                    Files.writeString(fixture.stateDirectory().resolve("state.db"), "This is no database.".repeat(99));
            String database = fixture.server().fingerprint(fixture.database());

            SyncProcess.Result result = fixture.untilCaughtUp();

            assertThat(result.exitCode()).as("%s", result).isEqualTo(STORE);
            assertNoStackTrace(result);
            assertThat(result.errLines()).as("%s", result).anyMatch(line -> line.contains(file.toString()));
            assertThat(Files.readString(file)).startsWith("This is no database.");
            assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(database);
        }
    }

    @Test
    void storeOfAnotherWorkspace() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.catchUp();
            fixture.insertUsers(6, 10);
            fixture.standIn().workspace("other");
            fixture.configure("workspace: demo", "workspace: other");
            refused(fixture, USAGE, "demo", "other");
        }
    }
}
