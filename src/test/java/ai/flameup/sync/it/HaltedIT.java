package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.flameup.sync.standin.Behaviour;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Every reason for which a run halts: shown with its remedy by log, page, status, metrics and webhook, and left by itself
 * once it is gone. Side by side, because they mostly wait.
 */
@Execution(ExecutionMode.CONCURRENT)
class HaltedIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration SOON = Duration.ofSeconds(60);

    /** A run in step and its observers. */
    private static final class Watched implements AutoCloseable {
        private final Onlookers onlookers = new Onlookers();
        private final Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        private SyncProcess run;
        private String url;

        Watched(int rows) throws Exception {
            fixture.insertUsers(1, rows);
            configure(UnaryOperator.identity());
        }

        void configure(UnaryOperator<String> change) {
            fixture.configure(text -> onlookers.welcome(change.apply(text), "hook"));
        }

        Watched inStep() {
            run = fixture.run();
            url = Onlookers.url(run);
            awaitState("in_step");
            return this;
        }

        JsonNode status() throws IOException {
            return JSON.readTree(onlookers.get(url + "api/status").body());
        }

        void awaitState(String state) {
            Eventually.within(60, "the state " + state, () -> status().path("state")
                    .asText()
                    .equals(state));
        }

        void assertHalted(String reason, String remedy) throws Exception {
            awaitState("halted");
            assertThat(status().path("reason").asText()).contains(reason);
            assertThat(status().path("remedy").asText()).contains(remedy);
            assertThat(status().path("ready").asBoolean()).isFalse();
            run.awaitLog("Halted: .*" + reason, SOON);
            run.awaitLog("Suggested fix: .*" + remedy, SOON);
            assertThat(onlookers.get(url + "readyz").statusCode()).isEqualTo(503);
            assertThat(onlookers.get(url + "readyz").body()).contains(reason).contains(remedy);
            assertThat(onlookers.get(url + "livez").statusCode()).isEqualTo(200);
            assertThat(onlookers.get(url + "metrics").body())
                    .contains("flameup_sync_state{state=\"halted\"} 1")
                    .contains("flameup_sync_ready 0");
            Eventually.within(60, "the webhook call", () -> onlookers.told().stream()
                    .anyMatch(text -> text.contains("halted") && text.contains(reason) && text.contains(remedy)));
        }

        void assertGoesOn() throws Exception {
            run.hup();
            awaitState("in_step");
            run.awaitLog("Resumed: ", SOON);
            fixture.awaitConverged(60);
            Eventually.within(
                    60,
                    "ready",
                    () -> onlookers.get(url + "readyz").statusCode() == 200
                            && onlookers.get(url + "metrics").body().contains("flameup_sync_ready 1"));
        }

        @Override
        public void close() {
            fixture.close();
            onlookers.close();
        }
    }

    @Test
    void refusedToken_halts() throws Exception {
        try (Watched job = new Watched(5).inStep()) {
            job.fixture.standIn().token("another");
            job.fixture.execute("UPDATE users SET phone = '2'");
            job.assertHalted("401", "reads flameup.token-file again");

            job.fixture.standIn().token(Fixture.TOKEN);
            job.assertGoesOn();
        }
    }

    @Test
    void lostSlot_halts() throws Exception {
        try (Watched job = new Watched(5).inStep()) {
            SlotGuardIT.loseSlot(job.fixture);
            job.assertHalted("is gone", "flameup-sync resync --config ");

            job.fixture.execute("UPDATE users SET phone = '2'");
            SyncProcess.Result resync = job.fixture.start("resync", "--yes").awaitExit(SOON);
            assertThat(resync.exitCode()).as("%s", resync).isZero();
            job.assertGoesOn();
        }
    }

    /** The server's message names only the table. */
    @Test
    void revokedRight_haltsAndNamesTheColumn() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            String role = "role_" + fixture.database();
            fixture.execute(
                    "ALTER TABLE public.users ADD twice text GENERATED ALWAYS AS (plan || plan) STORED",
                    "CREATE ROLE " + role + " LOGIN REPLICATION",
                    "GRANT SELECT ON public.users TO " + role,
                    "CREATE PUBLICATION " + fixture.slot() + " FOR TABLE public.users");
            fixture.configure(
                    text -> text.replace("  username: " + fixture.server().username(), "  username: " + role)
                            .replace("    plan: plan", "    plan: twice"));
            fixture.insertUsers(1, 3);
            SyncProcess run = fixture.run();
            Eventually.within(60, "three persons", () -> fixture.standIn().personCount() == 3);

            fixture.execute("REVOKE SELECT ON public.users FROM " + role, "UPDATE public.users SET phone = '2'");

            run.awaitLog("Halted: .*may not read column twice; GRANT SELECT ", SOON);
            fixture.execute("GRANT SELECT ON public.users TO " + role);
            run.hup();
            Eventually.within(60, "the change", () -> fixture.standIn().persons().stream()
                    .allMatch(person -> person.traits().get("phone").asText().equals("2")));
        }
    }

    @Test
    void mappingRefusedForAll_halts() throws Exception {
        try (Watched job = new Watched(300).inStep()) {
            job.fixture.standIn().when(request -> true, Behaviour.status(422));
            job.fixture.execute("UPDATE users SET phone = '2'");
            job.assertHalted("too many persons", "flameup-sync dead-letters list --config ");

            job.fixture.standIn().reset();
            job.run.hup();
            job.awaitState("in_step");
            SyncProcess.Result retry =
                    job.fixture.start("dead-letters", "retry", "--all", "--yes").awaitExit(SOON);
            assertThat(retry.exitCode()).as("%s", retry).isZero();
            job.assertGoesOn();
        }
    }

    /** The column list harms the application: its updates fail. */
    @Test
    void droppedPrimaryKey_halts() throws Exception {
        try (Watched job = new Watched(5).inStep()) {
            job.fixture.execute("ALTER TABLE users DROP CONSTRAINT users_pkey");
            job.assertHalted("has no primary key", "flameup-sync doctor --config ");

            job.fixture.execute("ALTER TABLE users ADD PRIMARY KEY (id)", "UPDATE users SET phone = '2'");
            job.assertGoesOn();
        }
    }

    @Test
    void columnList_withReplicaIdentityFull_halts() throws Exception {
        try (Watched job = new Watched(5)) {
            job.fixture.execute("CREATE PUBLICATION %s FOR TABLE users (id, email, %s)"
                    .formatted(job.fixture.slot(), String.join(", ", Fixture.TRAITS)));
            job.inStep().fixture.execute("ALTER TABLE users REPLICA IDENTITY FULL");
            job.assertHalted("every UPDATE and DELETE of the application fails", "flameup-sync doctor --config ");

            job.fixture.execute("ALTER TABLE users REPLICA IDENTITY DEFAULT", "UPDATE users SET phone = '2'");
            job.assertGoesOn();
        }
    }

    @Test
    void fullDisk_halts() throws Exception {
        try (Watched job = new Watched(5)) {
            Path state = Files.createDirectory(job.fixture.stateDirectory());
            assumeThat(Mounts.mount("-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", state.toString()))
                    .as("may mount")
                    .isTrue();
            try {
                job.inStep();
                Path filler = state.resolve("state.db.filler");
                fill(filler);
                job.fixture.execute("UPDATE users SET phone = '2'", Fixture.insertStatement(6, 20_000));
                job.assertHalted("disk is full", "flameup-sync doctor --config ");
                long sent = job.fixture.standIn().requests();

                // when it checks again without success, it sends nothing, because it could not record the result
                job.run.hup();
                job.run.awaitLog("Halted: the state directory .* cannot be used", SOON);
                assertThat(job.fixture.standIn().requests()).isEqualTo(sent);

                Files.delete(filler);
                assertThat(Mounts.mount("-o", "remount,size=512m", state.toString()))
                        .isTrue();
                job.assertGoesOn();
            } finally {
                job.run.close();
                assertThat(Mounts.run("umount", "-l", state.toString())).isTrue();
            }
        }
    }

    private static void fill(Path file) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space");
        }
    }

    @Test
    void passwordChangedInFile_isUsed() throws Exception {
        try (Watched job = new Watched(5)) {
            Path password = Files.writeString(job.fixture.directory().resolve("password"), "one");
            String role = "changed_" + job.fixture.database();
            PostgresServer server = job.fixture.server();
            job.fixture.execute(
                    "DROP ROLE IF EXISTS " + role, "CREATE ROLE %s LOGIN SUPERUSER PASSWORD 'one'".formatted(role));
            server.demandPassword(role);
            job.configure(text -> text.replace(
                    "username: %s\n  password: %s\n".formatted(server.username(), server.password()),
                    "username: %s\n  password-file: %s\n".formatted(role, password)));
            job.inStep();

            job.fixture.execute("ALTER ROLE %s PASSWORD 'two'".formatted(role));
            job.fixture.value(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '" + role + "'");
            job.assertHalted("password authentication failed", "flameup-sync doctor --config ");

            Files.writeString(password, "two");
            job.fixture.execute("UPDATE users SET phone = '2'");

            job.assertGoesOn();
        }
    }
}
