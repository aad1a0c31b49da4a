package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code try}. */
class TryIT {
    private static final int USAGE = 2;
    private static final int POSTGRES = 3;
    private static final int FLAMEUP = 4;
    private static final int REFUSED = 5;
    private static final int ATTENTION = 6;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Fixture fixture() throws Exception {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.execute(
                "INSERT INTO public.users (id, email, phone) VALUES (1, 'ann@example.com', '1'), (2, NULL, '1')");
        return fixture;
    }

    private static SyncProcess start(Fixture fixture, String... options) {
        return fixture.start(command(options));
    }

    private static String[] command(String... options) {
        List<String> command = new ArrayList<>(List.of("try"));
        command.addAll(List.of(options));
        return command.toArray(String[]::new);
    }

    private static SyncProcess.Result end(SyncProcess process) {
        SyncProcess.Result result = process.awaitExit(LIMIT);
        BadInputIT.assertNoStackTrace(result);
        assertThat(result.toString()).doesNotContain(Fixture.TOKEN, "Bearer");
        return result;
    }

    private static SyncProcess.Result ended(Fixture fixture, int exitCode, String... options) {
        SyncProcess.Result result = end(fixture.start(command(options)));
        assertThat(result.exitCode()).as("%s", result).isEqualTo(exitCode);
        return result;
    }

    private static void refused(Fixture fixture, int exitCode, List<String> says, String... options) {
        SyncProcess.Result result = ended(fixture, exitCode, options);
        assertThat(result.out()).isEmpty();
        assertThat(result.errLines()).singleElement().satisfies(line -> assertThat(line)
                .contains(says));
        assertThat(fixture.standIn().requests()).isZero();
    }

    private static void awaitHeld(Fixture fixture) {
        Eventually.within(
                20, "a request that is held", () -> !fixture.standIn().held().isEmpty());
    }

    private static List<String> phones(Fixture fixture) {
        return fixture.standIn().history().stream()
                .map(call -> call.person().path("traits").path("phone").asText())
                .toList();
    }

    private static String phone(Fixture fixture, String id) {
        return fixture.standIn().persons().stream()
                .filter(person -> id.equals(person.externalId()))
                .map(person -> person.traits().get("phone").asText())
                .findFirst()
                .orElse("none");
    }

    @Test
    void row_isSent_responseIsShown() throws Exception {
        try (Fixture fixture = fixture()) {
            String before = fixture.server().fingerprint(fixture.database());
            fixture.standIn().next(Behaviour.ok().header("X-Request-Id", "req_7"));

            SyncProcess.Result result = ended(fixture, 0, "--id", "1");

            assertThat(result.err()).isEmpty();
            List<String> lines = result.out().lines().toList();
            assertThat(lines).hasSize(5);
            assertThat(lines.get(0)).isEqualTo("POST " + PreviewIT.PATH);
            // a person that may exist at the API: null traits are cleared
            assertThat(lines.get(1))
                    .startsWith("{\"userId\":\"1\",\"email\":\"ann@example.com\",\"traits\":{\"first_name\":null,")
                    .contains("\"phone\":\"1\"");
            assertThat(lines.get(2)).isEqualTo("Status:   200");
            assertThat(lines.get(3)).startsWith("Answer:   {").contains("ann@example.com");
            assertThat(lines.get(4)).isEqualTo("Request:  req_7");
            assertThat(fixture.standIn().history())
                    .extracting(call -> call.person().toString())
                    .containsExactly(lines.get(1));
            assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(before);
            assertThat(fixture.stateDirectory()).doesNotExist();
        }
    }

    @Test
    void document_containsRequestAndResponse() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn()
                    .next(Behaviour.status(422)
                            .body("{\"error\": {\"message\": \"phone is nö number, " + Fixture.TOKEN
                                    + "\"}, \"request_id\": \"req_8\"}"));
            SyncProcess.Result rejected = ended(fixture, ATTENTION, "--id", "2", "--json");
            assertThat(rejected.errLines())
                    .containsExactly(
                            "flameup-sync: Flameup refused this person with status 422. A run would park it as a dead letter");
            assertThat(rejected.out()).matches("\\p{ASCII}*\\n");
            JsonNode document = JSON.readTree(rejected.out());
            assertThat(document.fieldNames())
                    .toIterable()
                    .containsExactly(
                            "user_id",
                            "key",
                            "method",
                            "path",
                            "body",
                            "outcome",
                            "status",
                            "answer",
                            "request_id",
                            "requests");
            assertThat(document.path("body").path("userId").asText()).isEqualTo("2");
            assertThat(document.path("outcome").asText()).isEqualTo("rejected");
            assertThat(document.path("status").asInt()).isEqualTo(422);
            assertThat(document.path("answer").asText()).isEqualTo("phone is nö number, [token]");
            assertThat(document.path("request_id").asText()).isEqualTo("req_8");
            assertThat(document.path("requests").asInt()).isEqualTo(1);

            JsonNode delivered =
                    JSON.readTree(ended(fixture, 0, "--id", "2", "--json").out());
            assertThat(delivered.path("outcome").asText()).isEqualTo("delivered");
            assertThat(delivered.path("status").asInt()).isEqualTo(200);
            assertThat(JSON.readTree(delivered.path("answer").asText()).isObject())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, 5, refused",
        "403, 5, refused",
        "404, 5, refused",
        "302, 5, refused",
        "400, 6, rejected",
        "422, 6, rejected",
        "429, 4, failed",
        "500, 4, failed",
        "503, 4, failed"
    })
    void exitCode_reportsOutcome(int status, int exitCode, String outcome) throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn().next(Behaviour.status(status).body("{\"message\": \"said so\"}"));
            SyncProcess.Result result = ended(fixture, exitCode, "--id", "1", "--json");
            JsonNode document = JSON.readTree(result.out());
            assertThat(document.path("outcome").asText()).isEqualTo(outcome);
            assertThat(document.path("status").asInt()).isEqualTo(status);
            assertThat(document.path("answer").asText()).isEqualTo("said so");
            assertThat(result.errLines())
                    .singleElement()
                    .asString()
                    .contains(status == 302 ? "redirect" : "status " + status);
            assertThat(fixture.standIn().requests()).isEqualTo(1);
            assertThat(fixture.stateDirectory()).doesNotExist();
        }
    }

    @Test
    void unreachableApi_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            String unusedUrl = "http://127.0.0.1:" + EmbeddedServer.freePort();
            fixture.configure(fixture.standIn().baseUrl().toString(), unusedUrl);
            SyncProcess.Result result = ended(fixture, FLAMEUP, "--id", "1");
            assertThat(result.out()).contains("Status:   none: no response", "Answer:   no connection");
            assertThat(result.errLines())
                    .singleElement()
                    .asString()
                    .contains("no connection", "check flameup.base-url");
        }
    }

    @Test
    void quiet_printsOnlyErrors() throws Exception {
        try (Fixture fixture = fixture()) {
            SyncProcess.Result result = ended(fixture, 0, "-q", "--id", "1");
            assertThat(result.out() + result.err()).isEmpty();
            assertThat(phone(fixture, "1")).isEqualTo("1");
            fixture.standIn().next(Behaviour.status(401));
            assertThat(ended(fixture, REFUSED, "-q", "--id", "1").errLines()).hasSize(1);
        }
    }

    @Test
    void missingPerson_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            refused(fixture, ATTENTION, List.of("no row has the user id 3"), "--id", "3");
            refused(fixture, USAGE, List.of("invalid input syntax for type bigint: \"zebra\""), "--id", "zebra");
            fixture.execute(
                    "CREATE TABLE public.members (no int PRIMARY KEY, login text, email text)",
                    "INSERT INTO public.members VALUES (1, 'ann', NULL), (2, 'bob', NULL), (3, 'bob', NULL), (4, '', NULL)");
            OtherTable.of(fixture, "members", "login", "email").configure();
            refused(fixture, ATTENTION, List.of("several rows have the user id bob"), "--id", "bob");
            refused(fixture, ATTENTION, List.of("not sent: the user id is empty"), "--id", "");
        }
    }

    @Test
    void missingTokenOrServer_isReported() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.environment().remove("FLAMEUP_TOKEN");
            assertThat(ended(fixture, USAGE, "--id", "1").errLines())
                    .allMatch(line -> line.contains("flameup.token"))
                    .anyMatch(line -> line.contains("FLAMEUP_TOKEN"));
            assertThat(fixture.standIn().requests()).isZero();
            fixture.environment().put("FLAMEUP_TOKEN", Fixture.TOKEN);
            fixture.configure(":" + fixture.server().port() + "/", ":" + EmbeddedServer.freePort() + "/");
            refused(fixture, POSTGRES, List.of("check postgres.url"), "--id", "1");
        }
    }

    @Test
    void command_needsOnlySelect() throws Exception {
        try (Fixture fixture = fixture()) {
            String role = "reader_" + fixture.database();
            fixture.execute(
                    "CREATE ROLE " + role + " LOGIN PASSWORD 'any'",
                    "GRANT SELECT (id, email, " + String.join(", ", Fixture.TRAITS) + ") ON public.users TO " + role);
            try {
                fixture.configure(
                        "username: " + fixture.server().username() + "\n  password: "
                                + fixture.server().password(),
                        "username: " + role + "\n  password: any");
                ended(fixture, 0, "--id", "1");
                assertThat(phone(fixture, "1")).isEqualTo("1");
            } finally {
                fixture.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
            }
        }
    }

    @Test
    void storeAndSlot_areNotChanged() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn().when(StandIn.about("1"), Behaviour.status(422));
            assertThat(fixture.untilCaughtUp().exitCode()).isEqualTo(ATTENTION);
            fixture.standIn().reset();
            fixture.execute("UPDATE public.users SET phone = '2'");
            String server = fixture.server().fingerprint(fixture.database());
            String store = fixture.store().content();

            ended(fixture, 0, "--id", "1");

            assertThat(phone(fixture, "1")).isEqualTo("2");
            assertThat(fixture.server().fingerprint(fixture.database())).isEqualTo(server);
            assertThat(fixture.store().content()).isEqualTo(store);
            assertThat(fixture.store().deadLetters()).hasSize(1);
        }
    }

    @Test
    void changeBeforeResponse_isSent() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn().next(Behaviour.ok().held());
            fixture.standIn().next(Behaviour.ok().held());
            SyncProcess process = start(fixture, "--id", "1");
            for (int version = 2; version <= 3; version++) {
                awaitHeld(fixture);
                fixture.execute("UPDATE public.users SET phone = '" + version + "' WHERE id = 1");
                fixture.standIn().release();
            }
            SyncProcess.Result result = end(process);

            assertThat(result.exitCode()).as("%s", result).isZero();
            assertThat(phones(fixture)).containsExactly("1", "2", "3");
            assertThat(result.out().lines().filter(line -> line.startsWith("The row changed in the meantime")))
                    .hasSize(2);
        }
    }

    @Test
    void changeOfUnmappedColumn_isNotSent() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.standIn().next(Behaviour.ok().held());
            SyncProcess process = start(fixture, "--id", "1");
            awaitHeld(fixture);
            fixture.execute("UPDATE public.users SET internal_note = 'x' WHERE id = 1");
            fixture.standIn().release();
            assertThat(end(process).exitCode()).isZero();
            assertThat(phones(fixture)).containsExactly("1");
        }
    }

    /** The request reaches the API after that of a concurrent run, which had a newer state. */
    @Test
    void concurrentRun_isNotOverwritten() throws Exception {
        try (Fixture fixture = fixture()) {
            SyncProcess run = fixture.run();
            fixture.awaitConverged(30);
            fixture.standIn().next(Behaviour.ok().heldBeforeApplied());
            SyncProcess process = start(fixture, "--id", "1");
            awaitHeld(fixture);
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            Eventually.within(
                    20, "the run's newer state", () -> phone(fixture, "1").equals("2"));
            fixture.standIn().release();

            assertThat(end(process).exitCode()).isZero();
            assertThat(phones(fixture)).endsWith("2", "1", "2");
            fixture.assertConverged();
            assertThat(run.isAlive()).isTrue();
        }
    }

    /** The request may still be applied, so the command waits until that is settled. */
    @Test
    void timedOutRequest_isAwaited() throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("  workspace: demo", "  workspace: demo\n  request-timeout: 2s");
            fixture.standIn().next(Behaviour.ok().heldBeforeApplied());
            SyncProcess process = start(fixture, "--id", "1");
            Eventually.within(20, "the end of its time", () -> process.out().contains("may still apply it"));
            fixture.execute("UPDATE public.users SET phone = '2' WHERE id = 1");
            fixture.standIn().release();

            assertThat(end(process).exitCode()).isZero();
            assertThat(phones(fixture)).containsExactly("1", "2");

            fixture.standIn().next(Behaviour.silence());
            SyncProcess.Result silent = ended(fixture, FLAMEUP, "--id", "1");
            assertThat(silent.out()).contains("no complete answer within 2000 ms");
            assertThat(silent.errLines()).singleElement().asString().contains("no complete answer");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ignore", "mark"})
    void rowDeletedBeforeResponse_isReported(String onDelete) throws Exception {
        try (Fixture fixture = fixture()) {
            fixture.configure("  email: email\n", "  email: email\n  on-delete: " + onDelete + "\n");
            fixture.standIn().next(Behaviour.ok().held());
            SyncProcess process = start(fixture, "--id", "1", "--json");
            awaitHeld(fixture);
            fixture.execute("DELETE FROM public.users WHERE id = 1");
            fixture.standIn().release();

            SyncProcess.Result result = end(process);
            boolean marks = onDelete.equals("mark");
            assertThat(result.exitCode()).as("%s", result).isEqualTo(marks ? ATTENTION : 0);
            assertThat(result.err()).contains(marks ? "the row was deleted" : "");
            assertThat(JSON.readTree(result.out()).path("outcome").asText()).isEqualTo("delivered");
        }
    }
}
