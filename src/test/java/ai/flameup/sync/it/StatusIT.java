package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Where a job stands, as operators are shown it: every state reached for real. */
@Execution(ExecutionMode.CONCURRENT)
class StatusIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int NOT_WELL = 6;

    private static Fixture fixture(int rows) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        return fixture;
    }

    private static SyncProcess.Result status(Fixture fixture, String... options) {
        String[] command = new String[options.length + 1];
        command[0] = "status";
        System.arraycopy(options, 0, command, 1, options.length);
        return fixture.start(command).awaitExit(SOON);
    }

    private static JsonNode json(Fixture fixture) throws Exception {
        SyncProcess.Result result = status(fixture, "--json");
        assertThat(result.exitCode()).as("%s", result).isZero();
        return JSON.readTree(result.out());
    }

    private static SyncProcess.Result check(Fixture fixture, int exitCode, String... options) {
        String[] all = new String[options.length + 1];
        all[0] = "--check";
        System.arraycopy(options, 0, all, 1, options.length);
        SyncProcess.Result result = status(fixture, all);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        assertThat(result.out().lines()).as("%s", result).hasSize(1);
        return result;
    }

    @Test
    void run_isLoading_inStep_stopped() throws Exception {
        try (Fixture fixture = fixture(60)) {
            assertThat(json(fixture).path("reason").asText()).contains("never started");
            check(fixture, NOT_WELL);

            // given an API that slows the first load down
            fixture.standIn().when(request -> true, Behaviour.ok().held());
            SyncProcess run = fixture.run();
            fixture.awaitState("loading");
            JsonNode loading = json(fixture);
            assertThat(loading.path("reason").asText()).contains("first load");
            assertThat(loading.path("people").asLong()).isEqualTo(60);
            assertThat(loading.path("backfills").path(0).path("kind").asText()).isEqualTo("first_load");
            Eventually.within(
                    30,
                    "rows that wait",
                    () -> fixture.status().path("waiting").asLong()
                                    + fixture.status().path("in_flight").asLong()
                            > 0);

            // when the API answers again
            fixture.standIn().reset();
            Eventually.within(60, "all persons", () -> {
                fixture.standIn().release();
                return fixture.standIn().personCount() == 60;
            });

            // then it is in step
            fixture.awaitState("in_step");
            Eventually.within(
                    10, "an empty queue", () -> fixture.status().path("waiting").asLong(-1) == 0);
            JsonNode inStep = json(fixture);
            assertThat(inStep.path("ready").asBoolean()).isTrue();
            assertThat(inStep.path("lag_seconds").asDouble()).isLessThan(5);
            assertThat(inStep.path("source").asText()).contains(fixture.database() + ".public.users");
            assertThat(inStep.path("pid").asLong()).isEqualTo(run.pid());
            assertThat(inStep.path("exit_code").isNull()).isTrue();
            assertThat(inStep.path("last_success_at").asText()).startsWith("20");
            Eventually.within(
                    30,
                    "the server's word",
                    () -> fixture.status().path("slot_status").asText().equals("reserved"));
            assertThat(check(fixture, 0).out()).startsWith("OK: in_step");
            assertThat(status(fixture).out()).contains("in step").contains(fixture.database());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(
                            fixture.stateDirectory().resolve("status.json"))))
                    .isEqualTo("rw-------");

            // and when it is stopped
            run.term();
            assertThat(run.awaitExit(SOON).exitCode()).isZero();
            JsonNode stopped = json(fixture);
            assertThat(stopped.path("state").asText()).isEqualTo("stopped");
            assertThat(stopped.path("exit_code").asInt(-1)).isZero();
            assertThat(stopped.path("delivered_total").asLong()).isEqualTo(60);
            assertThat(stopped.path("retained_wal_bytes").isNumber()).isTrue();
            assertThat(stopped.path("notices").findValuesAsText("remedy")).anySatisfy(remedy -> assertThat(remedy)
                    .contains("`ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf();`"));
            check(fixture, NOT_WELL);
        }
    }

    @Test
    void restartedRun_keepsItsHistory() throws Exception {
        try (Fixture fixture = fixture(10)) {
            for (int start = 0; start < 2; start++) {
                SyncProcess run = fixture.run();
                fixture.awaitState("in_step");
                run.term();
                run.awaitExit(SOON);
            }
            JsonNode history = JSON.readTree(
                    fixture.stateDirectory().resolve("history.json").toFile());
            assertThat(history.path("events").findValuesAsText("kind"))
                    .containsSubsequence("started", "stopped", "started", "stopped");
            assertThat(history.path("samples").size()).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void killedRun_isReported() throws Exception {
        try (Fixture fixture = fixture(10)) {
            SyncProcess run = fixture.fork("run");
            fixture.awaitState("in_step");
            run.kill9();

            JsonNode killed = json(fixture);
            assertThat(killed.path("state").asText()).isEqualTo("stopped");
            assertThat(killed.path("reason").asText()).contains("killed").contains("in_step");
            assertThat(killed.path("ready").asBoolean()).isFalse();

            // without a token, and with a configuration that is wrong elsewhere
            fixture.environment().remove("FLAMEUP_TOKEN");
            fixture.configure("mapping:", "mapped:");
            assertThat(status(fixture).out()).contains("killed");
        }
    }

    @Test
    void refusedToken_haltsUntilReplaced() throws Exception {
        try (Fixture fixture = fixture(10)) {
            Path token = Files.writeString(fixture.directory().resolve("token"), Fixture.TOKEN);
            fixture.configure("token: ${FLAMEUP_TOKEN}", "token-file: " + token);
            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");
            fixture.standIn().token("rotated");
            fixture.execute("UPDATE public.users SET phone = '2'");

            fixture.awaitState("halted");
            JsonNode halted = json(fixture);
            assertThat(halted.path("reason").asText()).contains("401");
            assertThat(halted.path("remedy").asText()).contains("token-file");
            assertThat(halted.path("ready").asBoolean()).isFalse();
            assertThat(check(fixture, NOT_WELL).out()).startsWith("NOT OK: halted");

            // when a retry fails, it stays halted since the same time
            String since = halted.path("since").asText();
            long requests = fixture.standIn().requests();
            run.hup();
            fixture.awaitRequests(requests + 1, 30);
            assertThat(fixture.status().path("since").asText()).isEqualTo(since);

            // and when the token is correct, it resumes by itself
            Files.writeString(token, "rotated");
            run.hup();
            fixture.awaitState("in_step");
            run.awaitLog("Resumed: ", SOON);
            assertThat(run.err().lines().filter(line -> line.contains("Halted")).count())
                    .as("%s", run)
                    .isEqualTo(1);
        }
    }

    @Test
    void newToken_inFile_isTriedAtOnce() throws Exception {
        try (Fixture fixture = fixture(10)) {
            Path token = Files.writeString(fixture.directory().resolve("token"), Fixture.TOKEN);
            fixture.configure("token: ${FLAMEUP_TOKEN}", "token-file: " + token);
            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");

            Files.writeString(token, "rotated");
            fixture.standIn().token("rotated");
            fixture.execute("UPDATE public.users SET phone = '2'");

            fixture.awaitConverged(30);
            assertThat(run.err()).contains("the new token from its file").doesNotContain("Halted");
        }
    }

    @Test
    void apiOutageAndPause_areDistinguished() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.run();
            fixture.awaitState("in_step");

            fixture.standIn().when(request -> true, Behaviour.status(503));
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitState("outage");
            assertThat(fixture.status().path("reason").asText()).isEqualTo("Flameup: status 503");
            Eventually.within(10, "since when something waits", () -> fixture.status()
                    .path("oldest_waiting_at")
                    .isTextual());
            fixture.standIn().reset();
            fixture.awaitConverged(90);
            fixture.awaitState("in_step");

            fixture.standIn().when(request -> true, Behaviour.status(429).header("Retry-After", "20"));
            fixture.execute("UPDATE public.users SET phone = '3'");
            fixture.awaitState("throttled");
            assertThat(fixture.status().path("reason").asText()).contains("nothing is sent until");
            fixture.standIn().reset();
            fixture.awaitConverged(60);
            fixture.awaitState("in_step");
        }
    }

    @Test
    void longQueue_isBehind() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.run();
            fixture.awaitState("in_step");
            fixture.standIn().when(request -> true, Behaviour.ok().held());
            fixture.execute("UPDATE public.users SET phone = '2'");

            fixture.awaitState("behind");
            assertThat(fixture.status().path("lag_seconds").asDouble()).isGreaterThan(5);
            fixture.standIn().reset();
            Eventually.within(60, "all persons", () -> {
                fixture.standIn().release();
                return fixture.status().path("state").asText().equals("in_step");
            });
        }
    }

    @Test
    void postgresOutage_isReported_ends() throws Exception {
        try (PostgresServer server = PostgresServer.launch(PostgresServer.NEWEST, Map.of());
                Fixture fixture = new Fixture(server)) {
            org.junit.jupiter.api.Assumptions.assumeTrue(server.canStop());
            fixture.insertUsers(1, 10);
            fixture.run();
            fixture.awaitState("in_step");

            server.stop();
            fixture.awaitState("outage");
            assertThat(fixture.status().path("reason").asText()).startsWith("Postgres: ");
            server.start();
            fixture.awaitState("in_step");
        }
    }

    @Test
    void missingRequirement_haltsUntilPresent() throws Exception {
        try (Fixture fixture = fixture(10)) {
            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");
            run.term();
            run.awaitExit(SOON);
            fixture.execute("ALTER TABLE public.users RENAME COLUMN plan TO tariff");

            run = fixture.run();
            fixture.awaitState("halted");
            assertThat(fixture.status().path("reason").asText()).contains("plan");
            assertThat(fixture.status().path("remedy").asText())
                    .containsPattern("`/\\S+/bin/flameup-sync doctor --config .*`\\.$");
            fixture.execute("ALTER TABLE public.users RENAME COLUMN tariff TO plan");
            run.hup();
            fixture.awaitState("in_step");
        }
    }

    @Test
    void lostSlot_halts() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.catchUp();
            assertThat(check(fixture, 0).out()).startsWith("OK: caught up");
            assertThat(check(fixture, NOT_WELL, "--max-age", "1ms").out()).startsWith("NOT OK");
            fixture.execute("SELECT pg_drop_replication_slot('" + fixture.slot() + "')");

            SyncProcess.Result gap = fixture.untilCaughtUp();

            assertThat(gap.exitCode()).as("%s", gap).isEqualTo(7);
            JsonNode halted = json(fixture);
            assertThat(halted.path("state").asText()).isEqualTo("halted");
            assertThat(halted.path("exit_code").asInt()).isEqualTo(7);
            assertThat(halted.path("remedy").asText())
                    .containsPattern("`/\\S+/bin/flameup-sync resync --config .*`\\.$");
            check(fixture, NOT_WELL);
        }
    }

    @Test
    void manyRefusals_halt_deadLettersAreReported() throws Exception {
        try (Fixture fixture = fixture(400)) {
            fixture.standIn().when(request -> true, Behaviour.status(422));
            SyncProcess.Result result = fixture.untilCaughtUp();
            assertThat(result.exitCode()).as("%s", result).isEqualTo(9);

            JsonNode halted = json(fixture);
            assertThat(halted.path("state").asText()).isEqualTo("halted");
            assertThat(halted.path("remedy").asText())
                    .containsPattern("`/\\S+/bin/flameup-sync dead-letters list --config .*`\\.$");
            assertThat(halted.path("dead_letters").asLong()).isPositive();
            assertThat(halted.path("dead_letters_by_status").path("422").asLong())
                    .isEqualTo(halted.path("dead_letters").asLong());
            assertThat(halted.path("notices").findValuesAsText("name")).contains("dead-letters");
        }
    }

    @Test
    void firstLoadNone_sendsOnlyChanges() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.configure("state:\n", "delivery:\n  first-load: none\nstate:\n");
            SyncProcess.Result first = fixture.catchUp();
            assertThat(first.err()).contains("first-load is none").doesNotContain("Loading about");
            assertThat(fixture.standIn().requests()).isZero();

            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 3");
            fixture.catchUp();
            assertThat(fixture.standIn().personCount()).isEqualTo(1);
        }
    }

    @Test
    void otherDatabase_isRefused() throws Exception {
        try (Fixture fixture = fixture(1)) {
            fixture.configure("  workspace: demo\n", "  workspace: demo\n  only-from: prod.example.com/app\n");
            SyncProcess.Result refused = fixture.untilCaughtUp();
            assertThat(refused.exitCode()).as("%s", refused).isEqualTo(2);
            assertThat(refused.err()).contains("flameup.only-from").contains("prod.example.com/app");

            fixture.configure(
                    "  workspace: demo\n",
                    "  workspace: demo\n  only-from: " + fixture.server().host() + "/" + fixture.database() + "\n");
            fixture.catchUp();
        }
    }

    @Test
    void readableToken_isReported() throws Exception {
        try (Fixture fixture = fixture(1)) {
            fixture.configure("token: ${FLAMEUP_TOKEN}", "token: " + Fixture.TOKEN);
            Files.setPosixFilePermissions(fixture.configurationFile(), PosixFilePermissions.fromString("rw-r--r--"));
            fixture.run();
            fixture.awaitState("in_step");
            assertThat(fixture.status().path("notices").findValuesAsText("name"))
                    .contains("secret-readable");
            assertThat(fixture.status().toString()).doesNotContain(Fixture.TOKEN);
        }
    }
}
