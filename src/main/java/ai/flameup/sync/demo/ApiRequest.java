package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One request to the people API. Immutable, provided that no caller changes the body.
 *
 * @param path decoded, without the query
 * @param query encoded, or null if there is none
 * @param authorization the header's value, or null if there is none
 * @param body a missing node if it is not JSON
 */
public record ApiRequest(
        String method,
        String path,
        @Nullable String query,
        @Nullable String authorization,
        JsonNode body) {
    /** A column of type numeric may have this many digits, and the API must not be stricter than Postgres. */
    private static final int MAX_NUMBER_LENGTH = 200_000;

    private static final JsonMapper STRICT = JsonMapper.builder(JsonFactory.builder()
                    .disable(JsonFactory.Feature.CHARSET_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /**
     * Parses a body in UTF-8. The parser accepts no duplicate names and nothing after the value, and it keeps the digits
     * of a number as they were sent.
     *
     * @return a missing node if the body is not JSON
     */
    public static JsonNode parse(byte[] body) {
        try {
            return STRICT.readTree(body);
        } catch (IOException notJson) {
            return MissingNode.getInstance();
        }
    }
}
