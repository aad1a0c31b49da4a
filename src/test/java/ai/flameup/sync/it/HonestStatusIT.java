package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The status names what is ahead, who shares an address, and why a stopped job had halted. */
@Execution(ExecutionMode.CONCURRENT)
class HonestStatusIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int ATTENTION = 6;

    private static Fixture fixture(int rows) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        return fixture;
    }

    private static String out(Fixture fixture, int exitCode, String... command) {
        SyncProcess.Result result = fixture.start(command).awaitExit(SOON);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        return result.out();
    }

    @Test
    void stoppedWhileHalted_keepsTheReason() throws Exception {
        try (Fixture fixture = fixture(5)) {
            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");
            fixture.standIn().token("rotated");
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitState("halted");
            run.term();
            run.awaitExit(SOON);

            JsonNode stopped = JSON.readTree(out(fixture, 0, "status", "--json"));

            assertThat(stopped.path("state").asText()).isEqualTo("halted");
            assertThat(stopped.path("reason").asText()).contains("401").endsWith("; the run was stopped while halted");
            assertThat(stopped.path("remedy").asText()).contains("token-file");
        }
    }

    @Test
    void resyncAfterTheHalt_endsIt() throws Exception {
        try (Fixture fixture = fixture(5)) {
            SyncProcess run = fixture.run();
            fixture.awaitState("in_step");
            SlotGuardIT.loseSlot(fixture);
            fixture.awaitState("halted");
            run.term();
            run.awaitExit(SOON);
            out(fixture, 0, "resync", "--yes");

            JsonNode status = JSON.readTree(out(fixture, 0, "status", "--json"));

            assertThat(status.path("state").asText()).isEqualTo("stopped");
            assertThat(status.path("reason").asText()).doesNotContain("is gone");
            assertThat(status.path("remedy").isNull()).isTrue();
        }
    }

    @Test
    void killedWhileHalted_keepsTheReason() throws Exception {
        try (Fixture fixture = fixture(5)) {
            SyncProcess run = fixture.fork("run");
            fixture.awaitState("in_step");
            fixture.standIn().token("rotated");
            fixture.execute("UPDATE public.users SET phone = '2'");
            fixture.awaitState("halted");
            run.kill9();

            JsonNode killed = JSON.readTree(out(fixture, 0, "status", "--json"));

            assertThat(killed.path("state").asText()).isEqualTo("halted");
            assertThat(killed.path("reason").asText()).contains("401").contains("killed");
            assertThat(killed.path("remedy").asText()).contains("token-file");
        }
    }

    @Test
    void sharedAddress_isListedWithUserIds_untilOneMoves() throws Exception {
        try (Fixture fixture = fixture(4)) {
            fixture.execute(
                    "ALTER TABLE public.users DROP CONSTRAINT users_email_key",
                    "UPDATE public.users SET email = ' User1@example.com' WHERE id = 4");
            fixture.catchUp();

            assertThat(JSON.readTree(out(fixture, 0, "status", "--json"))
                            .path("shared_emails")
                            .asLong())
                    .isEqualTo(2);
            assertThat(out(fixture, 0, "status"))
                    .containsPattern("shared emails +2 persons")
                    .containsPattern("state .*; \\d notices? needs? attention")
                    .contains("flameup-sync status --shared-emails")
                    .doesNotContainIgnoringCase("user1@");
            assertThat(out(fixture, 0, "status", "--check"))
                    .startsWith("OK: caught up")
                    .containsPattern("; \\d notices? needs? attention: ")
                    .contains("2 persons share an email address");
            assertThat(out(fixture, 0, "status", "--shared-emails"))
                    .contains("1, 4\n")
                    .contains("flameup-sync forget")
                    .doesNotContain("2, 3")
                    .doesNotContainIgnoringCase("user1@");
            assertThat(JSON.readTree(out(fixture, 0, "status", "--shared-emails", "--json"))
                            .path("shared_emails")
                            .path(0)
                            .path("user_ids"))
                    .extracting(JsonNode::asText)
                    .containsExactly("1", "4");

            fixture.execute("UPDATE public.users SET email = 'free@example.com' WHERE id = 4");
            fixture.catchUp();

            assertThat(out(fixture, 0, "status", "--shared-emails")).doesNotContain("1, 4");
            assertThat(out(fixture, 0, "status")).doesNotContain("shared-emails");
        }
    }

    /** As a row that is marked as deleted and keeps its address. */
    @Test
    void excludedSharer_isForgotten_andNotListed() throws Exception {
        try (Fixture fixture = fixture(3)) {
            fixture.execute(
                    "ALTER TABLE public.users DROP CONSTRAINT users_email_key",
                    "UPDATE public.users SET email = 'user1@example.com' WHERE id = 3");
            fixture.catchUp();
            assertThat(out(fixture, 0, "status", "--shared-emails")).contains("1, 3\n");
            assertThat(out(fixture, ATTENTION, "forget", "3", "--yes")).isEmpty();

            fixture.configure("mapping:\n", "mapping:\n  where: id <> 3\n");
            fixture.catchUp();
            out(fixture, 0, "forget", "3", "--yes");

            assertThat(out(fixture, 0, "status", "--shared-emails")).isEqualTo("No persons share an email address\n");
        }
    }

    @Test
    void waiting_countsRowsThatABackfillHasNotRead_andHowLongTheyTake() throws Exception {
        try (Fixture fixture = fixture(4_000)) {
            fixture.execute("ANALYZE public.users");
            fixture.standIn().when(request -> true, Behaviour.ok().after(Duration.ofMillis(50)));
            fixture.configure("mapping:\n", "  batch: never\n  max-in-flight: 1\nmapping:\n");
            fixture.run();

            Eventually.within(60, "a remaining time", () -> fixture.status()
                    .path("waiting_seconds_left")
                    .isNumber());

            assertThat(fixture.status().path("waiting").asLong()).isBetween(3_000L, 4_000L);
            assertThat(fixture.status().path("waiting_seconds_left").asLong()).isGreaterThan(30);
            assertThat(out(fixture, 0, "status"))
                    .containsPattern("pending +about [\\d,]+ waiting, about [\\d,]+ s left");
        }
    }

    @Test
    void refusedAgain_countsAttempts_isLogged_andSettledIsLogged() throws Exception {
        try (Fixture fixture = fixture(5)) {
            fixture.standIn().when(StandIn.about("3"), Behaviour.status(422));
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);

            SyncProcess.Result refused =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(SOON);
            String shown = out(fixture, 0, "dead-letters", "show", "1");
            fixture.standIn().reset();
            SyncProcess.Result settled =
                    fixture.start("dead-letters", "retry", "--all").awaitExit(SOON);

            assertThat(refused.err()).containsPattern("Dead letters refused again: 1, .*id=1, user=3");
            assertThat(shown).containsPattern("Attempts: +2\n").contains("flameup-sync preview --id 3");
            assertThat(settled.err()).containsPattern("Dead letters delivered: 1, .*id=1, user=3");
        }
    }

    @Test
    void neverSentDeadLetter_isNotCountedAsUnanswered() throws Exception {
        try (Fixture fixture = fixture(3)) {
            fixture.configure("  email: email\n", "  email: email\n  on-email-held: park\n");
            fixture.catchUp();
            fixture.execute(
                    "DELETE FROM public.users WHERE id = 1",
                    "INSERT INTO public.users (id, email, phone) VALUES (4, 'User1@example.com', '1')");
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);

            assertThat(JSON.readTree(out(fixture, 0, "status", "--json"))
                            .path("dead_letters_by_status")
                            .toString())
                    .isEqualTo("{\"not_sent\":1}");
            assertThat(out(fixture, 0, "status")).containsPattern("dead letters +1 \\(not sent: 1\\)");
            assertThat(out(fixture, 0, "status", "--check"))
                    .startsWith("OK: caught up at ")
                    .contains("1 person is parked as a dead letter");
            assertThat(out(fixture, 0, "dead-letters", "show", "1")).containsPattern("Status: +none: not sent");
        }
    }

    @Test
    void requestedPause_andSpentBudget_areDistinguished() throws Exception {
        try (Fixture fixture = fixture(5)) {
            fixture.run();
            fixture.awaitState("in_step");
            fixture.standIn().when(request -> true, Behaviour.status(503).header("Retry-After", "15"));
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            fixture.awaitState("throttled");
            assertThat(fixture.status().path("reason").asText())
                    .startsWith("the API asked for a pause: nothing is sent");
            fixture.standIn().reset();
            fixture.awaitConverged(60);
            fixture.awaitState("in_step");

            fixture.standIn().when(request -> true, Behaviour.status(429).header("Retry-After", "15"));
            fixture.execute("UPDATE public.users SET phone = '3' WHERE id = 1");
            fixture.awaitState("throttled");
            assertThat(fixture.status().path("reason").asText())
                    .startsWith("the API's budget is used up: nothing is sent");
        }
    }

    /** As {@code status | head}. */
    @Test
    void closedPipe_isNotReported() throws Exception {
        try (Fixture fixture = fixture(3)) {
            fixture.catchUp();
            List<String> command = List.of(
                    "sh",
                    "-c",
                    "{ '%s/bin/flameup-sync' status --config '%s'; echo ended with $? >&2; } | true"
                            .formatted(System.getProperty("flameup.distribution"), fixture.configurationFile()));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(fixture.environment());
            Process process = builder.start();

            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("ended with 6\n");
        }
    }
}
