package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The API's calls: checks a request and applies it. A batch is applied whole or, where one of its persons is refused,
 * not at all. Safe for use by many threads.
 */
final class PeopleApi {
    private static final int MAX_BATCH = 100;
    private static final int DEFAULT_LIMIT = 50;
    private static final Set<String> FIELDS =
            Set.of("first_name", "last_name", "phone", "avatar_url", "timezone", "locale");

    private final People people;
    private volatile String authorization = "";
    private volatile String workspace = "";
    private volatile String prefix = "";

    PeopleApi(People people) {
        this.people = people;
    }

    void token(String token) {
        authorization = "Bearer " + token;
    }

    void workspace(String name) {
        workspace = name;
        prefix = "/api/v1/workspaces/" + name + "/people/";
    }

    Answer answer(Arrival arrival) {
        if (!authorization.equals(arrival.authorization())) {
            return Answer.unauthorized();
        }
        String path = arrival.request().path();
        if (!path.startsWith(prefix)) {
            return Answer.plain(404, "not_found", "No such workspace or path");
        }
        String call = path.substring(prefix.length());
        String expected =
                switch (call) {
                    case "upsert", "batch" -> "POST";
                    case "search" -> "GET";
                    default -> "";
                };
        if (expected.isEmpty()) {
            return Answer.plain(404, "not_found", "No such path");
        }
        if (!expected.equals(arrival.request().method())) {
            return Answer.plain(405, "method_not_allowed", "Use " + expected);
        }
        return switch (call) {
            case "upsert" -> upsert(arrival.request().body());
            case "batch" -> batch(arrival.request().body());
            default -> search(arrival.uri());
        };
    }

    private Answer upsert(JsonNode person) {
        if (!person.isObject()) {
            return Answer.invalid("body", "must be a JSON object");
        }
        Answer problem = PersonRules.problem(person);
        return problem != null
                ? problem
                : new Answer(
                        200, shortAnswer(people.upsert(List.of(person)).get(0).person()));
    }

    private Answer batch(JsonNode body) {
        JsonNode given = body.path("people");
        if (!given.isArray() || given.isEmpty() || given.size() > MAX_BATCH) {
            return Answer.invalid("people", "must be a list of 1 to " + MAX_BATCH + " persons");
        }
        List<JsonNode> persons = given.valueStream().toList();
        for (JsonNode person : persons) {
            Answer problem = PersonRules.problem(person);
            if (problem != null) {
                return problem;
            }
        }
        List<People.Upserted> upserted = people.upsert(persons);
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode list = answer.putArray("people");
        upserted.forEach(one -> list.add(identity(one.person())));
        long created = upserted.stream().filter(People.Upserted::created).count();
        return Answer.ok(answer.put("created_count", created).put("updated_count", upserted.size() - created));
    }

    private Answer search(String uri) {
        Map<String, List<String>> query = new QueryStringDecoder(uri).parameters();
        String externalId = first(query, "external_id");
        String email = first(query, "email");
        if (externalId == null && email == null) {
            return Answer.invalid("external_id", "or email is required");
        }
        String limit = first(query, "limit");
        if (limit != null && !limit.matches("[1-9][0-9]{0,5}")) {
            return Answer.invalid("limit", "must be a positive number");
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode list = answer.putArray("people");
        people.search(externalId, email, limit == null ? DEFAULT_LIMIT : Integer.parseInt(limit))
                .forEach(person -> list.add(whole(person)));
        return Answer.ok(answer);
    }

    private static @Nullable String first(Map<String, List<String>> query, String name) {
        List<String> values = query.get(name);
        return values == null ? null : values.get(0);
    }

    /** The same as {@link #identity}, written by hand: this is the call that has to be fast. */
    private String shortAnswer(StandIn.Person person) {
        StringBuilder json = new StringBuilder(256).append("{\"id\":\"").append(person.id());
        member(json.append('"'), "workspace_id", workspace);
        member(json, "external_id", person.externalId());
        member(json, "email", person.email());
        return json.append(",\"status\":\"active\"}").toString();
    }

    private static void member(StringBuilder json, String name, @Nullable String value) {
        json.append(",\"").append(name).append("\":");
        if (value == null) {
            json.append("null");
        } else {
            json.append('"');
            JsonStringEncoder.getInstance().quoteAsString(value, json);
            json.append('"');
        }
    }

    private ObjectNode identity(StandIn.Person person) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", person.id())
                .put("workspace_id", workspace)
                .put("external_id", person.externalId())
                .put("email", person.email())
                .put("status", "active");
    }

    /** The documented traits are fields of the person, every other one an attribute. */
    private ObjectNode whole(StandIn.Person person) {
        ObjectNode node = identity(person);
        FIELDS.forEach(node::putNull);
        ObjectNode attributes = node.putObject("attributes");
        person.traits().forEach((name, value) -> (FIELDS.contains(name) ? node : attributes).set(name, value));
        return node;
    }
}
