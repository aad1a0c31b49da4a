package ai.flameup.sync.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why a request was not accepted, in the API's own words.
 *
 * @param words one line, at most 4 KB, without the token
 * @param requestId the API's own name for the request, or null
 */
record Reason(String words, @Nullable String requestId) {
    /** How much of a body a reason is made from. */
    static final int MAX_BODY_BYTES = 64 << 10;

    private static final ObjectMapper JSON = new ObjectMapper(Json.FACTORY);
    private static final int MOST_BYTES = 4_096;
    private static final int MOST_ID_BYTES = 256;
    private static final int DEEPEST = 3;

    static Reason of(int status, Headers headers, byte[] body, String token) {
        JsonNode json = parse(body);
        JsonNode error = json.path("error");
        // Its three forms: {"error": {"type" or "code", "message", "details"}} and {"error": "...", "message": "..."}.
        String words = joined(
                ": ",
                Stream.of(
                        text(error),
                        text(error.path("type")),
                        text(error.path("code")),
                        text(error.path("message")),
                        text(json.path("message"))));
        String fields = fields(error.path("details").path("fields"));
        String all = fields.isEmpty() ? words : words + " (" + fields + ")";
        String line = Line.of(all.isEmpty() ? begun(json, body) : all, token, MOST_BYTES);
        return new Reason(line.isEmpty() ? unsaid(status, headers, token) : line, requestId(json, headers, token));
    }

    /** All that was said, in one line of at most 4 KB, without the token. */
    static String whole(byte[] body, String token) {
        return Line.of(new String(body, StandardCharsets.UTF_8), token, MOST_BYTES);
    }

    /** Of JSON that is longer than is read, its beginning as it came. */
    private static String begun(JsonNode json, byte[] body) {
        boolean broken = json.isMissingNode() && body.length >= MAX_BODY_BYTES && body[0] == '{';
        return broken ? new String(body, 0, Math.min(body.length, MOST_BYTES), StandardCharsets.UTF_8) : "";
    }

    private static String unsaid(int status, Headers headers, String token) {
        String location = headers.first("Location");
        if (location == null || status >= 400) {
            return "status " + status;
        }
        // Where to, but not its query, which may hold anything.
        return Line.of("status " + status + ", to " + location.replaceAll("[?#].*", ""), token, MOST_BYTES);
    }

    private static @Nullable String requestId(JsonNode json, Headers headers, String token) {
        String id = Stream.of(
                        text(json.path("request_id")),
                        text(json.path("error").path("request_id")),
                        headers.first("X-Request-Id"))
                .filter(Objects::nonNull)
                .map(said -> Line.of(said, token, MOST_ID_BYTES))
                .filter(said -> !said.isEmpty())
                .findFirst()
                .orElse(null);
        return id;
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException notJson) {
            return JSON.missingNode();
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail", e);
        }
    }

    /** As {@code field: rule}, whether they are members of an object or elements of a list. */
    private static String fields(JsonNode fields) {
        List<String> parts = new ArrayList<>();
        fields.properties().forEach(field -> parts.add(field.getKey() + ": " + values(field.getValue(), DEEPEST)));
        if (fields.isArray()) {
            fields.forEach(field -> parts.add(values(field, DEEPEST)));
        }
        return joined("; ", parts.stream());
    }

    private static String values(JsonNode node, int deeper) {
        if (node.isValueNode()) {
            return node.asText();
        }
        if (deeper == 0) {
            return "...";
        }
        return joined(node.isObject() ? ": " : ", ", node.valueStream().map(child -> values(child, deeper - 1)));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asText() : null;
    }

    private static String joined(String separator, Stream<@Nullable String> parts) {
        return parts.filter(part -> part != null && !part.isBlank()).collect(Collectors.joining(separator));
    }
}
