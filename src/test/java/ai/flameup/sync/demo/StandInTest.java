package ai.flameup.sync.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.fault.Fault;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandInTest extends StandInHttpTest {
    StandInTest() {
        super(StandIn.start());
    }

    @Test
    void keepsAPersonAndAnswersWithIt() throws Exception {
        HttpResponse<String> answer = upsert(ANN);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer))
                .isEqualTo(JSON.createObjectNode()
                        .put("id", onlyPerson().id())
                        .put("workspace_id", "demo")
                        .put("external_id", "1")
                        .put("email", "ann@example.com")
                        .put("status", "active"));
        StandIn.Person person = onlyPerson();
        assertThat(person.externalId()).isEqualTo("1");
        assertThat(person.email()).isEqualTo("ann@example.com");
        assertThat(person.traits()).hasToString("{locale=\"de\"}");
    }

    @Test
    void mergesTraitsAndKeepsNull() throws Exception {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":1,\"b\":2,\"c\":3}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"b\":null,\"c\":4}}");

        assertThat(onlyPerson().traits().toString()).isEqualTo("{a=1, b=null, c=4}");
        assertThat(onlyPerson().traits()).containsEntry("b", NullNode.getInstance());
    }

    @Test
    void escapesWhatItAnswers() throws Exception {
        assertThat(json(upsert("{\"userId\":\"a\\\"\\n\"}")).path("external_id").textValue())
                .isEqualTo("a\"\n");
    }

    @Test
    void theHistoryKeepsWhatWasSentThoughTraitsAreMerged() throws Exception {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":1}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"b\":2}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":3}}");

        assertThat(standIn.history())
                .extracting(call -> call.person().path("traits").toString())
                .containsExactly("{\"a\":1}", "{\"b\":2}", "{\"a\":3}");
        assertThat(onlyPerson().traits()).hasToString("{a=3, b=2}");
    }

    @Test
    void keepsTheDigitsOfNumbers() throws Exception {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":19.90,\"b\":12345678901234567890.123}}");

        assertThat(onlyPerson().traits().toString()).isEqualTo("{a=19.90, b=12345678901234567890.123}");
    }

    @Test
    void aPersonFoundByEmailTakesTheExternalId() throws Exception {
        upsert(ANN);
        upsert("{\"userId\":\"2\",\"email\":\"ANN@example.com\",\"traits\":{\"phone\":\"5\"}}");

        StandIn.Person person = onlyPerson();
        assertThat(person.externalId()).isEqualTo("2");
        assertThat(person.email()).isEqualTo("ANN@example.com");
        assertThat(person.traits()).containsOnlyKeys("locale", "phone");

        upsert("{\"userId\":\"1\"}");
        assertThat(standIn.persons()).hasSize(2);
    }

    @Test
    void theExternalIdGoesBeforeTheEmail() throws Exception {
        upsert(ANN);
        upsert("{\"userId\":\"2\",\"email\":\"bob@example.com\"}");
        upsert("{\"userId\":\"2\",\"email\":\"ann@example.com\"}");

        assertThat(standIn.persons())
                .extracting(StandIn.Person::externalId, StandIn.Person::email)
                .containsExactly(tuple("1", "ann@example.com"), tuple("2", "ann@example.com"));
    }

    @Test
    void anAddressThatWasGivenUpFindsNobody() throws Exception {
        upsert(ANN);
        upsert("{\"userId\":\"1\",\"email\":\"new@example.com\"}");
        upsert("{\"userId\":\"2\",\"email\":\"ann@example.com\"}");

        assertThat(standIn.persons()).extracting(StandIn.Person::externalId).containsExactly("1", "2");
    }

    @Test
    void aPersonWithoutEmailKeepsTheOneItHas() throws Exception {
        upsert(ANN);
        upsert("{\"userId\":\"1\",\"email\":null}");
        upsert("{\"userId\":\"1\"}");

        assertThat(onlyPerson().email()).isEqualTo("ann@example.com");
    }

    @Test
    void keepsTheHistoryInOrder() throws Exception {
        upsert(ANN);
        standIn.keepHistory(false);
        upsert(ANN);
        standIn.keepHistory(true);
        upsert("{\"userId\":\"2\"}");

        assertThat(standIn.history()).extracting(StandIn.Call::number).containsExactly(1L, 3L);
        assertThat(standIn.history().get(0).person()).isEqualTo(JSON.readTree(ANN));
    }

    @Test
    void takesABatch() throws Exception {
        upsert(ANN);
        HttpResponse<String> answer = post("batch", "{\"people\":[{\"userId\":\"2\"}," + ANN + "]}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("people").findValuesAsText("external_id")).containsExactly("2", "1");
        assertThat(json(answer).path("created_count").intValue()).isEqualTo(1);
        assertThat(json(answer).path("updated_count").intValue()).isEqualTo(1);
        assertThat(standIn.requests()).isEqualTo(2);
    }

    @Test
    void refusesABatchWhole() throws Exception {
        assertThat(post("batch", "{\"people\":[" + ANN + ",{}]}").statusCode()).isEqualTo(422);
        assertThat(post("batch", batchOf(101)).statusCode()).isEqualTo(400);
        assertThat(post("batch", "{\"people\":[]}").statusCode()).isEqualTo(400);
        assertThat(standIn.persons()).isEmpty();
        assertThat(post("batch", batchOf(100)).statusCode()).isEqualTo(200);
        assertThat(standIn.persons()).hasSize(100);
    }

    @Test
    void searches() throws Exception {
        upsert("{\"userId\":\"1\",\"email\":\"ann@example.com\",\"traits\":{\"locale\":\"de\",\"plan\":\"pro\"}}");

        JsonNode found =
                json(get("search?external_id=1&email=Ann%40example.com")).path("people");
        assertThat(found).hasSize(1);
        assertThat(found.path(0).path("locale").textValue()).isEqualTo("de");
        assertThat(found.path(0).path("attributes").path("plan").textValue()).isEqualTo("pro");
        assertThat(json(get("search?email=ann@example.com&limit=1")).path("people"))
                .hasSize(1);
        assertThat(json(get("search?external_id=1&email=other@example.com")).path("people"))
                .isEmpty();
        assertThat(json(get("search?external_id=2")).path("people")).isEmpty();
        assertThat(get("search").statusCode()).isEqualTo(400);
        assertThat(get("search?email=a&limit=x").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{} {}",
                "{\"userId\":\"1\"}]",
                "{\"userId\":\"1\",\"userId\":\"2\"}",
                "{\"userId\":\"1\",\"traits\":{\"a\":{\"b\":1,\"b\":2}}}",
                "{\"userId\":\"1\",\"traits\":{\"a\":01}}",
                "{\"userId\":\"1\",\"other\":tru}"
            })
    void refusesWhatIsNoJsonObject(String body) throws Exception {
        refuses(body, 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"userId\":1}",
                "{\"userId\":\" \"}",
                "{\"userId\":\"1\",\"email\":1}",
                "{\"userId\":\"1\",\"email\":{\"a\":[1]}}",
                "{\"userId\":\"1\",\"traits\":[]}",
                "{\"userId\":\"1\",\"traits\":\"a\"}"
            })
    void refusesWhatIsNoPerson(String body) throws Exception {
        refuses(body, 422);
    }

    private void refuses(String body, int status) throws Exception {
        HttpResponse<String> answer = upsert(body);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).path("error").path("code").textValue()).isEqualTo("invalid_request");
        assertThat(standIn.history()).isEmpty();
        assertThat(standIn.requests()).isEqualTo(1);
    }

    @Test
    void takesWhatTheApiDoesNotLookAt() throws Exception {
        upsert("{\"a\":[1,{\"userId\":\"9\"}],\"userId\":\"1\",\"email\":null,\"traits\":null,\"b\":\"\\u00e9\"}");

        assertThat(onlyPerson().externalId()).isEqualTo("1");
        assertThat(standIn.history().get(0).person().path("b").textValue()).isEqualTo("é");
    }

    @Test
    void mergesTraitsByTheNameThatIsMeant() throws Exception {
        upsert("{\"userId\":\"1\", \"traits\" : { \"a\" : \"x\\\"}\" , \"b\" : [ 1 , {} ] , \"ü\" : 1.50 } }");
        upsert("{\"userId\":\"1\",\"traits\":{}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"c\":{\"d\":\"😀\"},\"\\u00fc\":2e5,\"b\":true}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":\"\"}}");

        assertThat(onlyPerson().traits()).containsOnlyKeys("a", "b", "ü", "c");
        assertThat(onlyPerson().traits().toString()).isEqualTo("{a=\"\", b=true, ü=2E+5, c={\"d\":\"😀\"}}");
    }

    @Test
    void eachPersonKeepsItsOwnTraits() throws Exception {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":1,\"b\":2}}");
        upsert("{\"userId\":\"2\",\"traits\":{\"a\":3,\"b\":4}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"b\":5,\"a\":6}}");

        assertThat(standIn.persons())
                .extracting(person -> person.traits().toString())
                .containsExactly("{a=6, b=5}", "{a=3, b=4}");
    }

    @Test
    void traitsNeedNotBeKept() throws Exception {
        standIn.keepTraits(false);
        upsert(ANN);

        assertThat(onlyPerson().email()).isEqualTo("ann@example.com");
        assertThat(onlyPerson().traits()).isEmpty();
        assertThat(standIn.personCount()).isEqualTo(1);
        List<StandIn.Person> seen = new ArrayList<>();
        standIn.forEachPerson(seen::add);
        assertThat(seen).isEqualTo(standIn.persons());
    }

    @Test
    void lists() throws Exception {
        for (int i = 0; i < 60; i++) {
            upsert("{\"userId\":\"u" + i + "\",\"email\":\"p" + i + "@Example.com\",\"traits\":{\"locale\":\"de\"}}");
        }

        assertThat(listed("")).hasSize(50).startsWith("u0", "u1");
        assertThat(listed("?limit=2&offset=58")).containsExactly("u58", "u59");
        assertThat(listed("?offset=60")).isEmpty();
        assertThat(listed("?search=P5%40example")).containsExactly("u5");
        assertThat(listed("?search=u5&offset=1&limit=2")).containsExactly("u50", "u51");
        assertThat(listed("?status=active&limit=1")).containsExactly("u0");
        assertThat(listed("?status=bounced")).isEmpty();
        JsonNode first = json(list("?limit=1")).path("people").path(0);
        assertThat(first.path("locale").textValue()).isEqualTo("de");
        assertThat(list("?limit=0").statusCode()).isEqualTo(400);
        assertThat(list("?offset=-1").statusCode()).isEqualTo(400);
    }

    private List<String> listed(String query) throws Exception {
        return json(list(query)).path("people").findValuesAsText("external_id");
    }

    private HttpResponse<String> list(String query) throws Exception {
        return CLIENT.send(at("/api/v1/workspaces/demo/people" + query).GET().build(), BodyHandlers.ofString());
    }

    @Test
    void holdsTheDocumentedLimits() throws Exception {
        assertThat(upsert("{\"userId\":\"" + "x".repeat(256) + "\"}").statusCode())
                .isEqualTo(422);
        assertThat(upsert("{\"userId\":\"1\",\"email\":\"" + "x".repeat(255) + "\"}")
                        .statusCode())
                .isEqualTo(422);
        String longest = "{\"userId\":\"" + "ü".repeat(255) + "\",\"email\":\"" + "x".repeat(254) + "\"}";
        assertThat(upsert(longest).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesAnotherTokenWorkspaceOrPath() throws Exception {
        standIn.token("secret").workspace("acme");
        assertThat(upsert(ANN).statusCode()).isEqualTo(401);
        standIn.token("demo-token");
        assertThat(upsert(ANN).statusCode()).isEqualTo(404);
        standIn.workspace("demo");
        assertThat(post("nothing", ANN).statusCode()).isEqualTo(404);
        assertThat(get("upsert").statusCode()).isEqualTo(405);
        assertThat(standIn.history()).isEmpty();
        assertThat(standIn.requests()).isEqualTo(4);
    }

    @Test
    void takesLargeBodies() throws Exception {
        String large = "x".repeat(8 * 1024 * 1024);
        assertThat(upsert("{\"userId\":\"1\",\"traits\":{\"a\":\"" + large + "\"}}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(onlyPerson().traits()).containsEntry("a", TextNode.valueOf(large));
    }

    @Test
    void aStatusIsAppliedWhereItIsASuccess() throws Exception {
        standIn.next(Behaviour.status(503).header("Retry-After", "7").body("{\"error\":\"busy\"}"))
                .next(Behaviour.status(204))
                .next(Behaviour.status(302).header("Location", "/elsewhere"));

        HttpResponse<String> refused = upsert(ANN);
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("7");
        assertThat(refused.body()).isEqualTo("{\"error\":\"busy\"}");
        assertThat(standIn.history()).isEmpty();

        assertThat(upsert(ANN).statusCode()).isEqualTo(204);
        assertThat(standIn.history()).hasSize(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(302);
        assertThat(standIn.history()).hasSize(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
    }

    @Test
    void aMatchGoesBeforeTheQueueAndTheQueueBeforeChance() throws Exception {
        standIn.sometimes(1, 1, Behaviour.status(500))
                .next(Behaviour.status(501))
                .when(request -> request.userId().equals("9"), Behaviour.status(422))
                .when(request -> request.userId().equals("9"), Behaviour.status(409));

        assertThat(upsert("{\"userId\":\"9\"}").statusCode()).isEqualTo(422);
        assertThat(upsert(ANN).statusCode()).isEqualTo(501);
        assertThat(upsert(ANN).statusCode()).isEqualTo(500);
        standIn.reset();
        assertThat(upsert("{\"userId\":\"9\"}").statusCode()).isEqualTo(200);
    }

    @Test
    void chanceComesFromTheSeed() throws Exception {
        standIn.sometimes(0.5, 42, Behaviour.status(500));
        String first = statuses(20);
        standIn.sometimes(0.5, 42, Behaviour.status(500));

        assertThat(statuses(20)).isEqualTo(first).contains("200").contains("500");
        standIn.sometimes(0, 0, Behaviour.ok());
        assertThat(statuses(3)).isEqualTo("200 200 200");
    }

    @Test
    void chanceChoosesAmongSeveral() throws Exception {
        List<Behaviour.Rated> faults = List.of(
                Behaviour.status(500).atRate(0.25), Behaviour.status(503).atRate(0.5));
        standIn.sometimes(7, faults);
        String first = statuses(200);
        standIn.sometimes(7, faults);

        assertThat(statuses(200)).isEqualTo(first);
        assertThat(first.split("500", -1)).hasSizeBetween(30, 75);
        assertThat(first.split("503", -1)).hasSizeBetween(75, 130);
        assertThat(first.split("200", -1)).hasSizeBetween(30, 75);
        standIn.sometimes(7, List.of());
        assertThat(statuses(3)).isEqualTo("200 200 200");
    }

    @Test
    void refusesRatesThatAreNone() {
        assertThatThrownBy(() -> Behaviour.ok().atRate(1.1)).hasMessageContaining("1.1");
        assertThatThrownBy(() -> standIn.sometimes(
                        1, List.of(Behaviour.ok().atRate(0.6), Behaviour.ok().atRate(0.6))))
                .hasMessageContaining("1.2");
    }

    @Test
    void aBehaviourMayBeSaidForAUserIdInEitherCall() throws Exception {
        standIn.when(StandIn.about("7", "9"), Behaviour.status(409));

        assertThat(upsert(person("9")).statusCode()).isEqualTo(409);
        assertThat(post("batch", batch(person("1"), person("7"))).statusCode()).isEqualTo(409);
        assertThat(post("batch", batch(person("1"), person("2"))).statusCode()).isEqualTo(200);
        assertThat(upsert(person("79")).statusCode()).isEqualTo(200);
    }

    @Test
    void predicatesSeeTheRequest() throws Exception {
        List<StandIn.Request> seen = new CopyOnWriteArrayList<>();
        standIn.when(seen::add, Behaviour.ok());
        upsert(ANN);
        post("batch", batch(person("2"), "{}", person("3")));
        get("search?email=a");

        assertThat(seen)
                .extracting(
                        StandIn.Request::number,
                        StandIn.Request::method,
                        StandIn.Request::path,
                        StandIn.Request::userId,
                        StandIn.Request::userIds)
                .containsExactly(
                        tuple(1L, "POST", PEOPLE + "upsert", "1", List.of("1")),
                        tuple(2L, "POST", PEOPLE + "batch", "", List.of("2", "3")),
                        tuple(3L, "GET", PEOPLE + "search", "", List.of()));
        assertThat(seen.get(0).body()).isEqualTo(JSON.readTree(ANN));
        assertThat(seen.get(2).body().isMissingNode()).isTrue();
    }

    @Test
    void refusesABodyThatIsTooLarge() throws Exception {
        try (Socket socket = connect()) {
            String head = "POST " + PEOPLE + "upsert HTTP/1.1\r\nHost: stand-in\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "1000001\r\n" + "x".repeat(0x1000001);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 413 ");
        }
        assertThat(standIn.requests()).isEqualTo(1);
    }

    @Test
    void takesABodyInParts() throws Exception {
        String large = "{\"userId\":\"1\",\"traits\":{\"a\":\"" + "x".repeat(100_000) + "\"}}";
        byte[] body = large.getBytes(StandardCharsets.UTF_8);
        HttpRequest chunked = to("upsert")
                .expectContinue(true)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                .build();

        assertThat(CLIENT.send(chunked, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
        assertThat(standIn.history().get(0).person()).isEqualTo(JSON.readTree(large));
        assertThat(standIn.history().get(1).person()).isEqualTo(JSON.readTree(ANN));
    }

    @Test
    void aDelayedRequestIsAppliedThoughItsClientHasGone() {
        standIn.next(Behaviour.ok().after(Duration.ofMillis(400)));

        assertThatThrownBy(() -> CLIENT.send(
                        request("upsert", ANN).timeout(Duration.ofMillis(100)).build(), BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(standIn.history()).isEmpty();
        await().untilAsserted(() -> assertThat(standIn.history()).hasSize(1));
    }

    @Test
    void resetsBeforeApplying() throws Exception {
        standIn.next(Behaviour.resetBefore());
        assertThatThrownBy(() -> raw(ANN)).isInstanceOf(IOException.class).hasMessageContaining("reset");
        assertThat(standIn.history()).isEmpty();
    }

    @Test
    void resetsAfterApplying() throws Exception {
        standIn.next(Behaviour.resetAfter());
        assertThatThrownBy(() -> raw(ANN)).isInstanceOf(IOException.class).hasMessageContaining("reset");
        assertThat(standIn.history()).hasSize(1);
    }

    @Test
    void sendsHalfAnAnswer() throws Exception {
        standIn.next(Behaviour.halfAnswer().body("0123456789"));
        assertThat(raw(ANN)).contains("200 OK", "content-length: 10").endsWith("\r\n\r\n01234");
        assertThat(standIn.history()).hasSize(1);
    }

    @Test
    void sendsABodyThatNeverEnds() throws Exception {
        standIn.next(Behaviour.endlessBody());
        HttpResponse<InputStream> answer = CLIENT.send(request("upsert", ANN).build(), BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            assertThat(body.readNBytes(1_000_000)).hasSize(1_000_000);
        }
        assertThat(standIn.history()).hasSize(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
    }

    @Test
    void keepsSilent() throws Exception {
        standIn.next(Behaviour.silence());
        assertThatThrownBy(() -> CLIENT.send(
                        request("upsert", ANN).timeout(Duration.ofMillis(200)).build(), BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(standIn.history()).isEmpty();
        assertThat(standIn.requests()).isEqualTo(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
    }

    @Test
    void countsTheRequestsHeldAtOnce() throws Exception {
        standIn.when(request -> true, Behaviour.ok().after(Duration.ofMillis(300)));
        CompletableFuture<?>[] answers = IntStream.range(0, 5)
                .mapToObj(i -> CLIENT.sendAsync(request("upsert", ANN).build(), BodyHandlers.ofString()))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(answers).join();

        assertThat(standIn.maxInFlight()).isEqualTo(5);
        standIn.reset();
        upsert(ANN);
        assertThat(standIn.maxInFlight()).isEqualTo(5);
    }

    @Test
    void answersPipelinedRequestsInTheirOrder() throws Exception {
        standIn.next(Behaviour.status(202).after(Duration.ofMillis(100))).next(Behaviour.status(201));
        try (Socket socket = connect()) {
            byte[] one = bytes(ANN, "keep-alive");
            socket.getOutputStream().write(one);
            socket.getOutputStream().write(bytes(ANN, "close"));
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers).containsSubsequence("HTTP/1.1 202", "HTTP/1.1 201");
        }
    }

    @Test
    void saysThatAPortIsTaken() {
        assertThatThrownBy(() -> StandIn.start(standIn.baseUrl().getPort()).close())
                .isInstanceOf(Fault.class)
                .hasMessageContaining("port " + standIn.baseUrl().getPort());
    }
}
