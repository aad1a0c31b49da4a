package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One whole request; it holds nothing of Netty's, and reads nothing before it is asked. Immutable.
 *
 * @param number among all requests, from 1
 * @param nanos {@link System#nanoTime} when all of it was here
 * @param uri path and query as they came
 */
record Arrival(
        long number,
        long nanos,
        String method,
        String uri,
        @Nullable String authorization,
        boolean keepAlive,
        JsonSlice body) {

    /** Decoded, without the query. */
    String path() {
        return new QueryStringDecoder(uri).path();
    }

    /** For those who look into requests; made anew each time, because it costs a tree. */
    StandIn.Request request() {
        JsonNode tree = Json.tree(body);
        String userId = tree.path("userId").asText("");
        List<String> userIds = tree.has("people")
                ? tree.path("people")
                        .valueStream()
                        .map(person -> person.path("userId").asText(""))
                        .toList()
                : List.of(userId);
        return new StandIn.Request(
                number,
                method,
                path(),
                userId,
                userIds.stream().filter(id -> !id.isEmpty()).toList(),
                tree);
    }
}
