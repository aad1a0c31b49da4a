package ai.flameup.sync.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A history as JSON: the document of {@code /api/history}, and of {@code history.json} in the state directory. Stateless. */
public final class HistoryJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private HistoryJson() {}

    /** One document; every key is always present. */
    public static JsonNode of(History history) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode samples = json.putArray("samples");
        history.samples().forEach(sample -> samples.addObject()
                .put("at", StatusJson.text(sample.at()))
                .put("lag_seconds", sample.lagSeconds())
                .put("retained_wal_bytes", sample.retainedWalBytes())
                .put("delivered_per_second", sample.rates().deliveredPerSecond())
                .put("requests_per_minute", sample.rates().requestsPerMinute())
                .put("waiting", sample.waiting()));
        ArrayNode events = json.putArray("events");
        history.events().forEach(event -> events.addObject()
                .put("at", StatusJson.text(event.at()))
                .put("kind", event.kind().label())
                .put("message", event.message()));
        return json;
    }

    /**
     * The history in a document that {@link #of} made.
     *
     * @throws IllegalArgumentException if the document is another one
     * @throws java.time.DateTimeException if a time is not one
     */
    public static History read(JsonNode json) {
        List<Sample> samples = new ArrayList<>();
        for (JsonNode sample : array(json, "samples")) {
            samples.add(new Sample(
                    at(sample),
                    number(sample, "lag_seconds"),
                    sample.path("retained_wal_bytes").isNumber()
                            ? sample.path("retained_wal_bytes").asLong()
                            : null,
                    new Status.Rates(
                            sample.path("delivered_per_second").asDouble(),
                            sample.path("requests_per_minute").asDouble()),
                    sample.path("waiting").asLong()));
        }
        List<Event> events = new ArrayList<>();
        for (JsonNode event : array(json, "events")) {
            events.add(new Event(
                    at(event),
                    Event.Kind.of(event.path("kind").asText()),
                    event.path("message").textValue()));
        }
        return new History(samples, events);
    }

    private static JsonNode array(JsonNode json, String key) {
        if (!json.path(key).isArray()) {
            throw new IllegalArgumentException("it has no " + key);
        }
        return json.path(key);
    }

    private static Instant at(JsonNode node) {
        return Instant.parse(node.path("at").asText());
    }

    private static @Nullable Double number(JsonNode node, String key) {
        return node.path(key).isNumber() ? node.path(key).asDouble() : null;
    }
}
