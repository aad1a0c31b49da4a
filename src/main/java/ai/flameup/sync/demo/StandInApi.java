package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the people API that the sidecar uses: upsert, batch, search and list. It validates a request, applies it, and
 * makes the response that the API documents. A batch is atomic: one invalid person refuses all of them. Thread-safe.
 */
public final class StandInApi {
    private static final int MAX_BATCH = 100;
    private static final int MAX_PAGE = 100;
    private static final int DEFAULT_PAGE = 50;

    private final People people;
    private final String authorization;
    private final String workspace;
    private final String root;

    /**
     * Serves one workspace to one token.
     *
     * @param token any other one is refused with 401
     * @param workspace any other one is refused with 404
     */
    public StandInApi(People people, String token, String workspace) {
        this.people = people;
        this.authorization = "Bearer " + token;
        this.workspace = workspace;
        this.root = "/api/v1/workspaces/" + workspace + "/people";
    }

    /** Applies the request, unless it is refused. */
    public ApiResponse answer(ApiRequest request) {
        ApiResponse refusal = refusal(request);
        if (refusal != null) {
            return refusal;
        }
        return switch (request.path().substring(root.length())) {
            case "/upsert" -> upsert(request.body());
            case "/batch" -> batch(request.body().path("people"));
            case "/search" -> search(request.query());
            default -> list(request.query());
        };
    }

    /** Returns the refusal because of token, workspace, path or method; null if these are right. */
    public @Nullable ApiResponse refusal(ApiRequest request) {
        if (!authorization.equals(request.authorization())) {
            return ApiResponse.typed(401, "unauthorized", "The API key is missing, wrong or revoked");
        }
        if (!request.path().startsWith(root)) {
            return ApiResponse.plain(404, "not_found", "No such workspace or path");
        }
        String method =
                switch (request.path().substring(root.length())) {
                    case "/upsert", "/batch" -> "POST";
                    case "/search", "" -> "GET";
                    default -> "";
                };
        if (method.isEmpty()) {
            return ApiResponse.plain(404, "not_found", "No such path");
        }
        return method.equals(request.method()) ? null : ApiResponse.plain(405, "method_not_allowed", "Use " + method);
    }

    private ApiResponse upsert(JsonNode person) {
        if (!person.isObject()) {
            return ApiResponse.invalid(400, "body", "must be a JSON object");
        }
        ApiResponse problem = PersonRules.problem(person);
        return problem != null
                ? problem
                : new ApiResponse(
                        200, identity(people.upsert(List.of(person)).get(0).person()));
    }

    private ApiResponse batch(JsonNode persons) {
        if (!persons.isArray() || persons.isEmpty() || persons.size() > MAX_BATCH) {
            return ApiResponse.invalid(400, "people", "must be a list of 1 to " + MAX_BATCH + " persons");
        }
        List<JsonNode> valid = new ArrayList<>();
        for (JsonNode person : persons) {
            ApiResponse problem = PersonRules.problem(person);
            if (problem != null) {
                return problem;
            }
            valid.add(person);
        }
        List<People.Upserted> upserted = people.upsert(valid);
        String list = upserted.stream().map(one -> identity(one.person())).collect(Collectors.joining(","));
        long created = upserted.stream().filter(People.Upserted::created).count();
        return new ApiResponse(
                200,
                "{\"people\":[%s],\"created_count\":%s,\"updated_count\":%s}"
                        .formatted(list, created, upserted.size() - created));
    }

    private ApiResponse search(@Nullable String query) {
        String externalId = parameter(query, "external_id=");
        String email = parameter(query, "email=");
        if (externalId == null && email == null) {
            return ApiResponse.invalid(400, "external_id", "or email is required");
        }
        return wholes(people.search(externalId, email));
    }

    private ApiResponse list(@Nullable String query) {
        Long limit = number(parameter(query, "limit="), DEFAULT_PAGE);
        Long offset = number(parameter(query, "offset="), 0);
        if (limit == null || limit < 1 || limit > MAX_PAGE) {
            return ApiResponse.invalid(400, "limit", "must be a number from 1 to " + MAX_PAGE);
        }
        if (offset == null || offset < 0) {
            return ApiResponse.invalid(400, "offset", "must be a number from 0");
        }
        return wholes(people.page(offset, limit));
    }

    /** Returns null if the text is not a number. */
    private static @Nullable Long number(@Nullable String text, long absent) {
        try {
            return text == null ? Long.valueOf(absent) : Long.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private ApiResponse wholes(List<StoredPerson> persons) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode list = body.putArray("people");
        persons.forEach(person -> list.add(whole(person)));
        return ApiResponse.ok(body);
    }

    /** @param prefix the name with its equals sign */
    private static @Nullable String parameter(@Nullable String query, String prefix) {
        if (query != null) {
            for (String parameter : query.split("&", -1)) {
                if (parameter.startsWith(prefix)) {
                    return URLDecoder.decode(parameter.substring(prefix.length()), UTF_8);
                }
            }
        }
        return null;
    }

    /** Returns JSON. It is written without a tree, because the benchmark measures the sidecar with this API. */
    private String identity(StoredPerson person) {
        StringBuilder json = new StringBuilder(256);
        append(json, "{\"id\":", person.id());
        append(json, ",\"workspace_id\":", workspace);
        append(json, ",\"external_id\":", person.externalId());
        append(json, ",\"email\":", person.email());
        return json.append(",\"status\":\"active\"}").toString();
    }

    private static void append(StringBuilder json, String name, @Nullable String value) {
        json.append(name);
        if (value == null) {
            json.append("null");
        } else {
            json.append('"');
            JsonStringEncoder.getInstance().quoteAsString(value, json);
            json.append('"');
        }
    }

    /** The API shows the documented traits as fields of the person, and every other trait as an attribute. */
    private ObjectNode whole(StoredPerson person) {
        ObjectNode node = (ObjectNode) ApiRequest.parse(identity(person).getBytes(UTF_8));
        PersonRules.DOCUMENTED_TRAITS.forEach(node::putNull);
        ObjectNode attributes = node.putObject("attributes");
        person.traits().forEach((name, value) -> (PersonRules.DOCUMENTED_TRAITS.contains(name) ? node : attributes)
                .set(name, value));
        return node;
    }
}
