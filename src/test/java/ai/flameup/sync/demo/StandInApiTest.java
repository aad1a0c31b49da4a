package ai.flameup.sync.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandInApiTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ROOT = "/api/v1/workspaces/demo/people/";
    private static final String TOKEN = "Bearer secret";
    private static final String ANN = "{\"userId\":\"1\",\"email\":\"ann@example.com\",\"traits\":{\"locale\":\"de\"}}";

    private final People people = new People();
    private final StandInApi api = new StandInApi(people, "secret", "demo");

    private ApiResponse answer(String method, String path, @Nullable String query, String token, String body) {
        JsonNode json = ApiRequest.parse(body.getBytes(StandardCharsets.UTF_8));
        return api.answer(new ApiRequest(method, path, query, token, json));
    }

    private ApiResponse upsert(String body) {
        return answer("POST", ROOT + "upsert", null, TOKEN, body);
    }

    private ApiResponse batch(String body) {
        return answer("POST", ROOT + "batch", null, TOKEN, body);
    }

    private ApiResponse search(@Nullable String query) {
        return answer("GET", ROOT + "search", query, TOKEN, "");
    }

    private ApiResponse list(@Nullable String query) {
        return answer("GET", "/api/v1/workspaces/demo/people", query, TOKEN, "");
    }

    private StoredPerson onlyPerson() {
        assertThat(people.all()).hasSize(1);
        return people.all().get(0);
    }

    private static JsonNode json(ApiResponse response) {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new AssertionError(response.toString(), e);
        }
    }

    private static String batchOf(int persons) {
        return IntStream.range(0, persons)
                .mapToObj(i -> "{\"userId\":\"" + i + "\"}")
                .collect(Collectors.joining(",", "{\"people\":[", "]}"));
    }

    @Test
    void upsert_newPerson_isStoredAndReturned() {
        ApiResponse answer = upsert(ANN);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(json(answer))
                .isEqualTo(JSON.createObjectNode()
                        .put("id", onlyPerson().id())
                        .put("workspace_id", "demo")
                        .put("external_id", "1")
                        .put("email", "ann@example.com")
                        .put("status", "active"));
        StoredPerson person = onlyPerson();
        assertThat(person.externalId()).isEqualTo("1");
        assertThat(person.email()).isEqualTo("ann@example.com");
        assertThat(person.traits()).hasToString("{locale=\"de\"}");
    }

    @Test
    void upsert_sameUserId_mergesTraitsAndKeepsNull() {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":1,\"b\":2,\"c\":3}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"b\":null,\"c\":4}}");

        assertThat(onlyPerson().traits().toString()).isEqualTo("{a=1, b=null, c=4}");
        assertThat(onlyPerson().traits()).containsEntry("b", NullNode.getInstance());
    }

    @Test
    void response_isEscaped() {
        assertThat(json(upsert("{\"userId\":\"a\\\"\\n\"}")).path("external_id").textValue())
                .isEqualTo("a\"\n");
    }

    @Test
    void traits_keepTheDigitsOfNumbers() {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":19.90,\"b\":12345678901234567890.123}}");

        assertThat(onlyPerson().traits().toString()).isEqualTo("{a=19.90, b=12345678901234567890.123}");
    }

    @Test
    void upsert_matchedByEmail_setsTheExternalId() {
        upsert(ANN);
        upsert("{\"userId\":\"2\",\"email\":\"ANN@example.com\",\"traits\":{\"phone\":\"5\"}}");

        StoredPerson person = onlyPerson();
        assertThat(person.externalId()).isEqualTo("2");
        assertThat(person.email()).isEqualTo("ANN@example.com");
        assertThat(person.traits()).containsOnlyKeys("locale", "phone");

        upsert("{\"userId\":\"1\"}");
        assertThat(people.all()).hasSize(2);
    }

    @Test
    void upsert_externalIdMatches_ignoresTheEmail() {
        upsert(ANN);
        upsert("{\"userId\":\"2\",\"email\":\"bob@example.com\"}");
        upsert("{\"userId\":\"2\",\"email\":\"ann@example.com\"}");

        assertThat(people.all())
                .extracting(StoredPerson::externalId, StoredPerson::email)
                .containsExactly(tuple("1", "ann@example.com"), tuple("2", "ann@example.com"));
    }

    @Test
    void upsert_emailGivenUpBefore_matchesNoPerson() {
        upsert(ANN);
        upsert("{\"userId\":\"1\",\"email\":\"new@example.com\"}");
        upsert("{\"userId\":\"2\",\"email\":\"ann@example.com\"}");

        assertThat(people.all()).extracting(StoredPerson::externalId).containsExactly("1", "2");
    }

    @Test
    void upsert_withoutEmail_keepsTheEmail() {
        upsert(ANN);
        upsert("{\"userId\":\"1\",\"email\":null}");
        upsert("{\"userId\":\"1\"}");

        assertThat(onlyPerson().email()).isEqualTo("ann@example.com");
    }

    @Test
    void batch_createsAndUpdates() {
        upsert(ANN);
        ApiResponse answer = batch("{\"people\":[{\"userId\":\"2\"}," + ANN + "]}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(json(answer).path("people").findValuesAsText("external_id")).containsExactly("2", "1");
        assertThat(json(answer).path("created_count").intValue()).isEqualTo(1);
        assertThat(json(answer).path("updated_count").intValue()).isEqualTo(1);
    }

    @Test
    void batch_onePersonInvalid_refusesAll() {
        assertThat(batch("{\"people\":[" + ANN + ",{}]}").status()).isEqualTo(422);
        assertThat(batch(batchOf(101)).status()).isEqualTo(400);
        assertThat(batch("{\"people\":[]}").status()).isEqualTo(400);
        assertThat(people.all()).isEmpty();
        assertThat(batch(batchOf(100)).status()).isEqualTo(200);
        assertThat(people.all()).hasSize(100);
    }

    @Test
    void search_matchesExactly() {
        upsert("{\"userId\":\"1\",\"email\":\"ann@example.com\",\"traits\":{\"locale\":\"de\",\"plan\":\"pro\"}}");

        JsonNode found = json(search("external_id=1&email=Ann%40example.com")).path("people");
        assertThat(found).hasSize(1);
        assertThat(found.path(0).path("locale").textValue()).isEqualTo("de");
        assertThat(found.path(0).path("attributes").path("plan").textValue()).isEqualTo("pro");
        assertThat(json(search("email=ann@example.com&limit=1")).path("people")).hasSize(1);
        assertThat(json(search("external_id=1&email=other@example.com")).path("people"))
                .isEmpty();
        assertThat(json(search("external_id=2")).path("people")).isEmpty();
        assertThat(search(null).status()).isEqualTo(400);
    }

    @Test
    void list_returnsPagesInTheOrderOfCreation() {
        batch(batchOf(100));
        upsert("{\"userId\":\"100\",\"traits\":{\"locale\":\"de\",\"plan\":\"pro\"}}");

        JsonNode last = json(list("limit=100&offset=100")).path("people");
        assertThat(json(list("limit=2&offset=98")).path("people").findValuesAsText("external_id"))
                .containsExactly("98", "99");
        assertThat(json(list(null)).path("people")).hasSize(50);
        assertThat(last).hasSize(1);
        assertThat(last.path(0).path("locale").textValue()).isEqualTo("de");
        assertThat(last.path(0).path("attributes").path("plan").textValue()).isEqualTo("pro");
        assertThat(json(list("limit=100&offset=101")).path("people")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=101", "limit=x", "offset=-1", "limit=5&offset="})
    void list_invalidPage_isRefused(String query) {
        assertThat(list(query).status()).isEqualTo(400);
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
    void upsert_notAJsonObject_isRefused(String body) {
        assertRefused(body, 400);
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
    void upsert_invalidPerson_isRefused(String body) {
        assertRefused(body, 422);
    }

    private void assertRefused(String body, int status) {
        ApiResponse answer = upsert(body);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(json(answer).path("error").path("code").textValue()).isEqualTo("invalid_request");
        assertThat(people.count()).isZero();
    }

    @Test
    void upsert_unknownFields_areIgnored() {
        upsert("{\"a\":[1,{\"userId\":\"9\"}],\"userId\":\"1\",\"email\":null,\"traits\":null,\"b\":\"\\u00e9\"}");

        assertThat(onlyPerson().externalId()).isEqualTo("1");
    }

    @Test
    void upsert_escapedNames_mergeByTheirMeaning() {
        upsert("{\"userId\":\"1\", \"traits\" : { \"a\" : \"x\\\"}\" , \"b\" : [ 1 , {} ] , \"ü\" : 1.50 } }");
        upsert("{\"userId\":\"1\",\"traits\":{}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"c\":{\"d\":\"😀\"},\"\\u00fc\":2e5,\"b\":true}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":\"\"}}");

        assertThat(onlyPerson().traits()).containsOnlyKeys("a", "b", "ü", "c");
        assertThat(onlyPerson().traits().toString()).isEqualTo("{a=\"\", b=true, ü=2E+5, c={\"d\":\"😀\"}}");
    }

    @Test
    void traits_ofSeveralPersons_areSeparate() {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":1,\"b\":2}}");
        upsert("{\"userId\":\"2\",\"traits\":{\"a\":3,\"b\":4}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"b\":5,\"a\":6}}");

        assertThat(people.all())
                .extracting(person -> person.traits().toString())
                .containsExactly("{a=6, b=5}", "{a=3, b=4}");
    }

    @Test
    void upsert_documentedLengths_areEnforced() {
        assertThat(upsert("{\"userId\":\"" + "x".repeat(256) + "\"}").status()).isEqualTo(422);
        assertThat(upsert("{\"userId\":\"1\",\"email\":\"" + "x".repeat(255) + "\"}")
                        .status())
                .isEqualTo(422);
        String longest = "{\"userId\":\"" + "ü".repeat(255) + "\",\"email\":\"" + "x".repeat(254) + "\"}";
        assertThat(upsert(longest).status()).isEqualTo(200);
    }

    @Test
    void batch_sameUserIdTwice_isAppliedInOrder() {
        batch("{\"people\":[{\"userId\":\"1\",\"traits\":{\"a\":1}},{\"userId\":\"1\",\"traits\":{\"a\":2}}]}");

        assertThat(onlyPerson().traits()).hasToString("{a=2}");
    }

    @Test
    void otherTokenWorkspacePathOrMethod_isRefused() {
        assertThat(answer("POST", ROOT + "upsert", null, "Bearer other", ANN).status())
                .isEqualTo(401);
        assertThat(answer("POST", "/api/v1/workspaces/acme/people/upsert", null, TOKEN, ANN)
                        .status())
                .isEqualTo(404);
        assertThat(answer("POST", ROOT + "nothing", null, TOKEN, ANN).status()).isEqualTo(404);
        assertThat(answer("GET", ROOT + "upsert", null, TOKEN, "").status()).isEqualTo(405);
        assertThat(people.count()).isZero();
    }
}
