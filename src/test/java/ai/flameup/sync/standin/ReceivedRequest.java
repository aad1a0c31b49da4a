package ai.flameup.sync.standin;

import ai.flameup.sync.demo.ApiRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A request that the stand-in received as a whole. Immutable.
 *
 * @param number in the order of arrival, from 1
 * @param arrivedNanos {@link System#nanoTime} when the request was complete
 * @param keepAlive whether the client keeps the connection open
 */
public record ReceivedRequest(long number, long arrivedNanos, boolean keepAlive, ApiRequest call) {
    /** Returns the HTTP method. */
    public String method() {
        return call.method();
    }

    /** Returns the decoded path without the query. */
    public String path() {
        return call.path();
    }

    /** Returns the body, or a missing node if it is not JSON. */
    public JsonNode body() {
        return call.body();
    }

    /** Returns the user id of an upsert; empty for a batch, and if there is none. */
    public String userId() {
        return body().path("userId").asText("");
    }

    /** Returns the user ids of an upsert or a batch in their order; a person without one is left out. */
    public List<String> userIds() {
        return persons().stream()
                .map(person -> person.path("userId").asText(""))
                .filter(id -> !id.isEmpty())
                .toList();
    }

    boolean isBatch() {
        return path().endsWith("/batch");
    }

    /** Returns the person of an upsert, or the persons of a batch. */
    List<JsonNode> persons() {
        JsonNode people = body().path("people");
        return people.isMissingNode() ? List.of(body()) : people.valueStream().toList();
    }
}
