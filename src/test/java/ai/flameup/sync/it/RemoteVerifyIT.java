package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.ReceivedRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code verify --remote} compares the table with what the API returns. */
@Execution(ExecutionMode.CONCURRENT)
class RemoteVerifyIT {
    private static final int USAGE = 2;
    private static final int FLAMEUP = 4;
    private static final int REFUSED = 5;
    private static final int ATTENTION = 6;
    private static final int TRY_LATER = 75;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static Fixture delivered(int rows) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        fixture.catchUp();
        return fixture;
    }

    /** Without a store. */
    private static Fixture undelivered(int rows) throws SQLException {
        Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST));
        fixture.insertUsers(1, rows);
        return fixture;
    }

    private static SyncProcess.Result expect(int code, Fixture fixture, String... command) {
        SyncProcess.Result result = fixture.start(command).awaitExit(LIMIT);
        assertThat(result.exitCode()).as("%s", result).isEqualTo(code);
        return result;
    }

    private static JsonNode verify(int code, Fixture fixture, String... options) throws Exception {
        String[] command = new String[options.length + 3];
        command[0] = "verify";
        command[1] = "--remote";
        command[2] = "--json";
        System.arraycopy(options, 0, command, 3, options.length);
        return JSON.readTree(expect(code, fixture, command).out());
    }

    private static void assertCounts(JsonNode report, int same, int different, int missing) {
        assertThat(List.of(
                        report.path("compared").asInt(),
                        report.path("same").asInt(),
                        report.path("different").asInt(),
                        report.path("missing").asInt()))
                .as("%s", report)
                .containsExactly(same + different + missing, same, different, missing);
    }

    /** An edit in Flameup, which the sidecar does not see. */
    private static void edit(Fixture fixture, String person) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(fixture.standIn().baseUrl() + "/api/v1/workspaces/demo/people/upsert"))
                .header("Authorization", "Bearer " + Fixture.TOKEN)
                .POST(HttpRequest.BodyPublishers.ofString(person.replace('\'', '"')))
                .build();
        HttpResponse<String> response = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    private static boolean isRead(ReceivedRequest request) {
        return request.method().equals("GET");
    }

    private static JsonNode json(String text) throws Exception {
        return JSON.readTree(text.replace('\'', '"'));
    }

    @Test
    void deliveredRows_areSame() throws Exception {
        try (Fixture fixture = delivered(250)) {
            SyncProcess.Result list = expect(0, fixture, "verify", "--remote");
            SyncProcess.Result sample = expect(0, fixture, "verify", "--remote", "--sample", "7");

            assertThat(list.out())
                    .containsPattern("Compared: +250\\b")
                    .containsPattern("Same: +250\\b")
                    .containsPattern("Unknown: +0\\b")
                    .containsPattern("Requests: +4\\b");
            assertThat(sample.out())
                    .containsPattern("Compared: +7\\b")
                    .containsPattern("Same: +7\\b")
                    .containsPattern("Requests: +7\\b")
                    .doesNotContain("Unknown");
        }
    }

    /** Flameup's list may have ids that are no values of the column's type. */
    @Test
    void userIdsOfAnotherType_areFound() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.insertUsers(1, 150);
            fixture.configure("  user-id: id\n", "  user-id: external_ref\n");
            fixture.catchUp();
            for (int i = 0; i < 5; i++) {
                edit(fixture, "{'userId': 'no-uuid-" + i + "'}");
            }

            JsonNode report = verify(0, fixture);

            assertCounts(report, 150, 0, 0);
            assertThat(report.path("unknown").asInt()).isEqualTo(5);
        }
    }

    @Test
    void editsInFlameup_areFoundByListAndSample() throws Exception {
        try (Fixture fixture = delivered(250)) {
            edit(fixture, "{'userId': '3', 'traits': {'score': -77, 'plan': 'hidden-plan', 'unmapped': 1}}");
            edit(fixture, "{'userId': '4', 'email': 'hidden@example.com'}");
            edit(fixture, "{'userId': '5', 'email': 'USER5@EXAMPLE.COM ', 'traits': {'balance': 5.9, 'unmapped': 1}}");
            edit(fixture, "{'userId': '6', 'traits': {'phone': null}}");
            // Matched by its address, person 7 gets another user id.
            edit(fixture, "{'userId': 'ghost', 'email': 'user7@example.com'}");
            edit(fixture, "{'userId': '9007', 'email': 'other@example.com'}");

            expect(0, fixture, "verify");
            JsonNode list = verify(ATTENTION, fixture);
            JsonNode sample = verify(ATTENTION, fixture, "--sample", "1000");

            assertCounts(list, 246, 3, 1);
            assertThat(list.path("unknown").asInt()).isEqualTo(2);
            assertThat(list.path("differences"))
                    .containsExactlyInAnyOrderElementsOf(
                            json(
                                    "[{'user_id':'3','fields':['plan','score']},{'user_id':'4','fields':['email']},{'user_id':'6','fields':['phone']}]"));
            assertThat(list.path("missing_user_ids")).isEqualTo(json("['7']"));
            // Three pages, the empty page, and one search for each person that differs or is missing.
            assertThat(list.path("requests").asInt()).isEqualTo(8);
            assertCounts(sample, 246, 3, 1);
            assertThat(sample.path("unknown").isNull()).isTrue();
            assertThat(sample.path("requests").asInt()).isEqualTo(254);
            assertThat(sample.path("differences")).hasSize(3);
        }
    }

    @Test
    void output_namesFieldsAndNeverValues() throws Exception {
        try (Fixture fixture = delivered(30)) {
            edit(fixture, "{'userId': '3', 'email': 'hidden@example.com', 'traits': {'plan': 'hidden-plan'}}");
            edit(fixture, "{'userId': 'ghost', 'email': 'user7@example.com'}");

            SyncProcess.Result result = expect(ATTENTION, fixture, "verify", "--remote");

            assertThat(result.out()).contains("  3: email, plan").containsPattern("Missing persons:\\R  7\\R");
            assertThat(result + verify(ATTENTION, fixture).toString())
                    .doesNotContain("hidden")
                    .doesNotContain("user3@")
                    .doesNotContain("free");
        }
    }

    @Test
    void changesThatAreNotDelivered_differAndAreBehind() throws Exception {
        try (Fixture fixture = delivered(30)) {
            fixture.insertUsers(31, 35);
            fixture.execute(
                    "UPDATE public.users SET score = -1 WHERE id <= 3", "DELETE FROM public.users WHERE id IN (9, 10)");

            JsonNode report = verify(ATTENTION, fixture);

            assertCounts(report, 25, 3, 5);
            assertThat(report.path("unknown").asInt()).isEqualTo(2);
            assertThat(report.path("behind").asBoolean()).isTrue();
        }
    }

    @Test
    void manyMissingPersons_areCountedAndSomeAreSearched() throws Exception {
        try (Fixture fixture = undelivered(1_300)) {
            JsonNode report = verify(ATTENTION, fixture);

            assertCounts(report, 0, 0, 1_300);
            assertThat(report.path("requests").asInt()).isEqualTo(1_001);
            assertThat(report.path("missing_user_ids")).hasSize(20);
        }
    }

    @Test
    void activeRun_deliversMeanwhile_nothingDiffers() throws Exception {
        try (Fixture fixture = delivered(500)) {
            fixture.run();
            fixture.awaitStreaming();
            try (Workload workload = Workload.start(fixture, 1, 500)) {
                Eventually.within(20, "changes", () -> workload.transactions() > 50);
            }

            JsonNode report = verify(0, fixture);

            assertThat(report.path("same").asInt())
                    .as("%s", report)
                    .isEqualTo(report.path("compared").asInt());
        }
    }

    @Test
    void budget_leavesAFifthAndComparesEverything() throws Exception {
        try (Fixture fixture = delivered(750)) {
            edit(fixture, "{'userId': '3', 'traits': {'score': -77}}");
            fixture.standIn().budget(5, Duration.ofSeconds(1));

            JsonNode report = verify(ATTENTION, fixture);

            assertCounts(report, 749, 1, 0);
            assertThat(report.path("requests").asInt()).isEqualTo(10);
            assertThat(fixture.standIn().requests429()).isZero();
            assertThat(fixture.standIn().windows()).allMatch(requests -> requests <= 4);
            assertThat(fixture.standIn().windows().size()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void failuresAnd429_areRetried() throws Exception {
        try (Fixture fixture = delivered(250)) {
            fixture.standIn()
                    .next(Behaviour.status(503))
                    .next(Behaviour.status(429).header("Retry-After", "1"))
                    .next(Behaviour.resetBefore())
                    .next(Behaviour.ok())
                    .next(Behaviour.status(429).header("Retry-After", "1"));

            JsonNode report = verify(0, fixture);

            assertCounts(report, 250, 0, 0);
            assertThat(report.path("requests").asInt()).isEqualTo(8);
        }
    }

    @Test
    void pageLongerThanTheLimit_isReadInHalves() throws Exception {
        try (Fixture fixture = delivered(60)) {
            fixture.standIn().next(Behaviour.endlessBody());

            JsonNode report = verify(0, fixture);

            assertCounts(report, 60, 0, 0);
            assertThat(report.path("requests").asInt()).isEqualTo(4);
        }
    }

    @Test
    void requests_areSentOneAtATime() throws Exception {
        try (Fixture fixture = undelivered(20)) {
            fixture.standIn().when(RemoteVerifyIT::isRead, Behaviour.ok().after(Duration.ofMillis(20)));

            JsonNode report = verify(ATTENTION, fixture);

            assertCounts(report, 0, 0, 20);
            assertThat(fixture.standIn().requests()).isEqualTo(21);
            assertThat(fixture.standIn().maxInFlight()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 401, 403, 404})
    void refusal_isExit5(int status) throws Exception {
        try (Fixture fixture = undelivered(3)) {
            fixture.standIn().when(RemoteVerifyIT::isRead, Behaviour.status(status));

            assertThat(expect(REFUSED, fixture, "verify", "--remote").errLines())
                    .hasSize(1);
            expect(REFUSED, fixture, "verify", "--remote", "--sample", "1");
        }
    }

    @Test
    void wrongToken_isExit5() throws Exception {
        try (Fixture fixture = undelivered(3)) {
            fixture.standIn().token("another-token");

            assertThat(expect(REFUSED, fixture, "verify", "--remote").err())
                    .contains("401")
                    .contains("flameup.token");
        }
    }

    @Test
    void answersThatCannotBeUnderstood_areExit4() throws Exception {
        try (Fixture fixture = undelivered(3)) {
            for (String body : List.of("{}", "{\"people\":{}}", "<html>", "")) {
                fixture.standIn()
                        .reset()
                        .when(RemoteVerifyIT::isRead, Behaviour.ok().body(body));
                assertThat(expect(FLAMEUP, fixture, "verify", "--remote").err()).contains("no persons");
            }
            fixture.standIn().reset().when(RemoteVerifyIT::isRead, Behaviour.status(405));
            assertThat(expect(FLAMEUP, fixture, "verify", "--remote").err()).contains("405");
            // The same page for every offset.
            fixture.standIn()
                    .reset()
                    .when(RemoteVerifyIT::isRead, Behaviour.ok().body("{\"people\":[{\"external_id\":\"1\"}]}"));
            assertThat(expect(FLAMEUP, fixture, "verify", "--remote").err()).contains("same persons for every page");
        }
    }

    @Test
    void otherFormsOfPersons_areUnderstood() throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            fixture.execute("INSERT INTO public.users (id, first_name, score) VALUES (1, 'Ann', 5), (2, 'Bob', 6)");
            fixture.standIn()
                    .next(Behaviour.ok()
                            .body("{'people':[{'userId':'1','email':null,'traits':{'first_name':'Ann','score':5.0}},"
                                            .replace('\'', '"')
                                    + "{'id':'x'},{'external_id':'007'},{'external_id':'abc'},{'userId':2,'first_name':'Bob','attributes':{'score':6}}]}"
                                            .replace('\'', '"')))
                    .next(Behaviour.ok().body("{\"people\":[]}"));

            JsonNode report = verify(0, fixture);

            assertCounts(report, 2, 0, 0);
            assertThat(report.path("unknown").asInt()).isEqualTo(3);
        }
    }

    @Test
    void term_isExit75() throws Exception {
        try (Fixture fixture = undelivered(3)) {
            fixture.standIn().when(RemoteVerifyIT::isRead, Behaviour.status(429).header("Retry-After", "60"));
            long before = fixture.standIn().requests();
            SyncProcess verify = fixture.start("verify", "--remote");
            fixture.awaitRequests(before + 1, 30);

            verify.term();

            assertThat(verify.awaitExit(Duration.ofSeconds(20)).exitCode()).isEqualTo(TRY_LATER);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--remote --repair", "--remote --gone", "--sample 5", "--remote --sample 0"})
    void optionsThatExcludeEachOther_areUsageErrors(String options) throws Exception {
        try (Fixture fixture = new Fixture(PostgresServer.shared(PostgresServer.NEWEST))) {
            assertThat(expect(USAGE, fixture, ("verify " + options).split(" ", -1))
                            .errLines())
                    .hasSize(1);
        }
    }
}
