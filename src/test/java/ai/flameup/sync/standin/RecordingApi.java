package ai.flameup.sync.standin;

import ai.flameup.sync.demo.ApiRequest;
import ai.flameup.sync.demo.ApiResponse;
import ai.flameup.sync.demo.People;
import ai.flameup.sync.demo.PersonRules;
import ai.flameup.sync.demo.StandInApi;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Applies requests with the demo's API, treats batches as a test says, and records each applied person in the order of
 * application. Thread-safe.
 */
final class RecordingApi {
    private static final int MAX_BATCH = 100;
    private static final ApiResponse NONE_VALID =
            new ApiResponse(200, "{\"people\":[],\"created_count\":0,\"updated_count\":0}");

    private final People people = new People();
    private final List<AppliedPerson> history = new ArrayList<>();
    private String token = "demo-token";
    private String workspace = "demo";
    private StandInApi api = new StandInApi(people, token, workspace);
    private BatchManner manner = BatchManner.ATOMIC;
    private BatchOrder order = BatchOrder.AS_SENT;
    private boolean keepsHistory = true;
    private boolean keepsTraits = true;
    private @Nullable Consumer<AppliedPerson> listener;
    private long applied;

    synchronized void token(String accepted) {
        token = accepted;
        api = new StandInApi(people, token, workspace);
    }

    synchronized void workspace(String name) {
        workspace = name;
        api = new StandInApi(people, token, workspace);
    }

    synchronized void batches(BatchManner batchManner) {
        manner = batchManner;
    }

    synchronized void batchOrder(BatchOrder batchOrder) {
        order = batchOrder;
    }

    synchronized void keepHistory(boolean keep) {
        keepsHistory = keep;
    }

    synchronized void keepTraits(boolean keep) {
        keepsTraits = keep;
    }

    /** @param consumer called under the lock, or the order of application would be lost */
    synchronized void onPerson(Consumer<AppliedPerson> consumer) {
        listener = consumer;
    }

    People people() {
        return people;
    }

    synchronized List<AppliedPerson> history() {
        return List.copyOf(history);
    }

    synchronized ApiResponse answer(ReceivedRequest request) {
        ApiResponse refusal = api.refusal(request.call());
        if (refusal != null) {
            return refusal;
        }
        if (!request.isBatch()) {
            return apply(request, request.persons(), keepsTraits ? request.body() : identity(request.body()));
        }
        return switch (manner) {
            case ABSENT -> ApiResponse.plain(404, "not_found", "No such path");
            case NOT_ALLOWED -> ApiResponse.plain(405, "method_not_allowed", "Not here");
            case ATOMIC, PARTIAL -> batch(request);
        };
    }

    private ApiResponse batch(ReceivedRequest request) {
        List<JsonNode> persons = request.persons();
        if (!request.body().path("people").isArray() || persons.isEmpty() || persons.size() > MAX_BATCH) {
            return api.answer(request.call());
        }
        if (manner == BatchManner.PARTIAL) {
            persons = persons.stream()
                    .filter(person -> PersonRules.problem(person) == null)
                    .toList();
            if (persons.isEmpty()) {
                return NONE_VALID;
            }
        }
        if (order == BatchOrder.REVERSED) {
            persons = new ArrayList<>(persons);
            Collections.reverse(persons);
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode list = body.putArray("people");
        persons.forEach(person -> list.add(keepsTraits ? person : identity(person)));
        return apply(request, persons, body);
    }

    /** @param body what the API is to see of these persons */
    private ApiResponse apply(ReceivedRequest request, List<JsonNode> persons, JsonNode body) {
        ApiRequest call = request.call();
        ApiResponse response =
                api.answer(new ApiRequest(call.method(), call.path(), call.query(), call.authorization(), body));
        if (response.status() == 200 && call.method().equals("POST")) {
            persons.forEach(person -> record(person, request));
        }
        return response;
    }

    private void record(JsonNode person, ReceivedRequest request) {
        applied++;
        if (keepsHistory || listener != null) {
            AppliedPerson one = new AppliedPerson(applied, Instant.now(), person, request);
            if (keepsHistory) {
                history.add(one);
            }
            if (listener != null) {
                listener.accept(one);
            }
        }
    }

    /** Without traits and everything else that the API would not look at. */
    private static JsonNode identity(JsonNode person) {
        if (!person.isObject()) {
            return person;
        }
        ObjectNode identity = JsonNodeFactory.instance.objectNode();
        identity.set("userId", person.path("userId"));
        return identity.set("email", person.path("email"));
    }
}
