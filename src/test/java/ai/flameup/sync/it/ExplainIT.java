package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code explain} shows one person, and {@code forget} removes one. */
class ExplainIT {
    private static final int USAGE = 2;
    private static final int ATTENTION = 6;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Fixture fixture(int rows) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        return fixture;
    }

    private static SyncProcess.Result expect(int code, Fixture fixture, String... command) {
        SyncProcess.Result result = fixture.start(command).awaitExit(LIMIT);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
        return result;
    }

    private static JsonNode explain(Fixture fixture, String userId) throws Exception {
        return JSON.readTree(expect(0, fixture, "explain", userId, "--json").out());
    }

    @Test
    void deliveredPerson_isShownWithMaskedValues() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.catchUp();

            SyncProcess.Result text = expect(0, fixture, "explain", "3");
            JsonNode person = explain(fixture, "3");

            assertThat(text.out())
                    .contains("\"email\":\"***\"", "\"first_name\":\"***\"", "\"big\":null")
                    .contains("Flameup has accepted this state last")
                    .doesNotContain("user3@example.com", "First 3");
            assertThat(person.path("rows").path(0).path("state").asText()).isEqualTo("same");
            assertThat(person.path("rows").path(0).path("key").path(0).asText()).isEqualTo("3");
            assertThat(person.path("delivered_at").asText()).startsWith("20");
            assertThat(person.path("delivered_from").asText()).contains("/");
            assertThat(person.path("addresses").asInt()).isEqualTo(1);
            assertThat(expect(0, fixture, "explain", "3", "--show-values").out())
                    .contains("user3@example.com", "First 3");
        }
    }

    @Test
    void changedRow_isShownWithTheTraitsThatDiffer() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.catchUp();
            fixture.execute("UPDATE public.users SET plan = 'team', email = 'other@example.com' WHERE id = 3");

            JsonNode row = explain(fixture, "3").path("rows").path(0);

            assertThat(row.path("state").asText()).isEqualTo("different");
            assertThat(row.path("differs_in").toString()).isEqualTo("[\"email\",\"plan\"]");
        }
    }

    @Test
    void refusedPerson_isShownWithDeadLetter() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.standIn().when(request -> request.userIds().contains("3"), Behaviour.status(422));
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);

            JsonNode person = explain(fixture, "3");

            assertThat(person.path("rows").path(0).path("state").asText()).isEqualTo("missing");
            assertThat(person.path("dead_letters").path(0).path("status").asInt())
                    .isEqualTo(422);
            assertThat(expect(0, fixture, "explain", "3").out()).contains("dead-letters show 1");
        }
    }

    @Test
    void requestInFlight_isCounted() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.standIn()
                    .when(
                            request -> request.userIds().contains("3"),
                            Behaviour.ok().heldBeforeApplied());
            fixture.run();
            Eventually.within(30, "the request", () -> !fixture.standIn().held().isEmpty());

            assertThat(explain(fixture, "3").path("requests_without_answer").asInt())
                    .isPositive();
            assertThat(explain(fixture, "4").path("requests_without_answer").asInt())
                    .isZero();
            assertThat(fixture.standIn().release()).isPositive();
        }
    }

    @Test
    void unknownPerson_isAttention() throws Exception {
        try (Fixture fixture = fixture(1)) {
            fixture.catchUp();
            assertThat(expect(ATTENTION, fixture, "explain", "77").err()).contains("user 77 has no row");
            assertThat(expect(USAGE, fixture, "explain", "x").err()).contains("column id");
        }
    }

    @Test
    void forgottenPerson_leavesNoTrace() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.configure("  user-id: id\n", "  user-id: plan\n");
            fixture.execute("UPDATE public.users SET plan = 'person-' || id || '-of-test'");
            fixture.standIn().when(request -> request.userIds().contains("person-4-of-test"), Behaviour.status(422));
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
            fixture.standIn().reset();
            assertThat(expect(ATTENTION, fixture, "forget", "person-4-of-test", "--yes")
                            .err())
                    .contains("still has a row");
            fixture.execute("DELETE FROM public.users WHERE id IN (4, 5)");
            fixture.catchUp();
            assertThat(isInFiles(fixture, "person-4-of-test")).isTrue();
            assertThat(expect(USAGE, fixture, "forget", "person-4-of-test").err())
                    .contains("--yes");

            assertThat(expect(0, fixture, "forget", "person-4-of-test", "--yes").out())
                    .contains("dead letters: 1");
            assertThat(expect(0, fixture, "forget", "person-5-of-test", "--yes").out())
                    .contains("ledger entries: 1, dead letters: 0");

            assertThat(isInFiles(fixture, "person-4-of-test")).isFalse();
            assertThat(isInFiles(fixture, "person-5-of-test")).isFalse();
            assertThat(isInFiles(fixture, "person-6-of-test")).isTrue();
            assertThat(expect(0, fixture, "forget", "person-5-of-test", "--yes").out())
                    .contains("No data is stored");
            fixture.catchUp();
        }
    }

    @Test
    void idInAnotherForm_isTheSamePerson() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.catchUp();
            assertThat(explain(fixture, "03").path("delivered_at").asText()).startsWith("20");
            fixture.execute("DELETE FROM public.users WHERE id = 3");
            fixture.catchUp();

            assertThat(expect(0, fixture, "forget", "03", "--yes").out()).contains("ledger entries: 1");
            assertThat(expect(ATTENTION, fixture, "explain", "3").err()).contains("user 3 has no row");
        }
    }

    @Test
    void forget_beforeTheDeletionIsDelivered_isRefused() throws Exception {
        try (Fixture fixture = fixture(10)) {
            fixture.configure("  user-id: id\n", "  user-id: id\n  on-delete: mark\n  deleted-trait: removed_at\n");
            fixture.catchUp();
            fixture.execute("DELETE FROM public.users WHERE id = 3");
            assertThat(expect(ATTENTION, fixture, "forget", "3", "--yes").err()).contains("has not been delivered");

            fixture.catchUp();
            assertThat(expect(0, fixture, "forget", "3", "--yes").out()).contains("ledger entries: 1");
        }
    }

    private static boolean isInFiles(Fixture fixture, String text) throws Exception {
        try (Stream<Path> files = Files.list(fixture.stateDirectory())) {
            for (Path file : files.toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
            return false;
        }
    }
}
