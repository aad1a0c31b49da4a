package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The log of a run: few events, each on one line. */
@Execution(ExecutionMode.CONCURRENT)
class LogsIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void jsonLog_hasOneObjectPerLine() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 20);
            SyncProcess run = fixture.start("run", "--log-format", "json");
            fixture.awaitState("in_step");
            fixture.standIn().when(request -> true, Behaviour.status(401));
            fixture.execute("UPDATE public.users SET phone = '2'");
            run.awaitLog("Halted", SOON);
            run.term();
            SyncProcess.Result result = run.awaitExit(SOON);

            assertThat(result.errLines()).hasSizeGreaterThan(3);
            for (String line : result.errLines()) {
                JsonNode event = JSON.readTree(line);
                assertThat(event.fieldNames()).toIterable().startsWith("timestamp", "level", "message");
                assertThat(event.path("timestamp").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
            }
            assertThat(result.err()).contains("\"level\":\"ERROR\"").doesNotContain("@example.com");
        }
    }

    @Test
    void jsonLog_finalError_isObject() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.configure("table: public.users", "table: public.missing");
            SyncProcess.Result result = fixture.start("--log-format", "json", "run", "--until-caught-up")
                    .awaitExit(SOON);

            assertThat(result.exitCode()).as("%s", result).isEqualTo(3);
            assertThat(result.errLines()).singleElement().satisfies(line -> assertThat(
                            JSON.readTree(line).path("level").asText())
                    .isEqualTo("ERROR"));
        }
    }

    @Test
    void idleRun_logsNothing() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 20);
            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");
            run.awaitLog("Backfill 1 is done", SOON);
            List<String> before = run.err().lines().toList();

            // when three heartbeats have moved the slot on
            for (int beat = 0; beat < 3; beat++) {
                String confirmed = fixture.confirmed();
                Eventually.within(40, "a heartbeat", () -> !fixture.confirmed().equals(confirmed));
            }

            assertThat(run.err().lines()).containsExactlyElementsOf(before);
        }
    }

    @Test
    void busyRun_logsSummaryEachMinuteAndAtEnd() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 20);
            SyncProcess run = fixture.run();
            run.awaitLog("Delivered \\d+ in the last minute, lag \\d+\\.\\d s, 0 waiting", Duration.ofSeconds(90));
            run.term();
            SyncProcess.Result result = run.awaitExit(SOON);

            assertThat(result.errLines())
                    .as("%s", result)
                    .last()
                    .asString()
                    .contains("Delivered 20, parked 0, with 20 requests");
        }
    }
}
