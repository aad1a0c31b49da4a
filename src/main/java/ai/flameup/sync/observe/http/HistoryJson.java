package ai.flameup.sync.observe.http;

import ai.flameup.sync.observe.Sample;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The document of {@code /api/history}: the samples for the page's charts. */
final class HistoryJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private HistoryJson() {}

    static JsonNode of(List<Sample> samples) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode array = json.putArray("samples");
        samples.forEach(sample -> array.addObject()
                .put("at", sample.at().toString())
                .put("lag_seconds", sample.lagSeconds())
                .put("retained_wal_bytes", sample.retainedWalBytes())
                .put("delivered_per_second", sample.rates().deliveredPerSecond())
                .put("requests_per_minute", sample.rates().requestsPerMinute())
                .put("waiting", sample.waiting()));
        return json;
    }
}
