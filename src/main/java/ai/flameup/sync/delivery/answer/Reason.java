package ai.flameup.sync.delivery.answer;

import ai.flameup.sync.delivery.header.Headers;
import ai.flameup.sync.delivery.header.Sanitizer;
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
 * Why a request was not accepted, in the API's own text. Immutable.
 *
 * @param words one line, at most 4 KB, without the token
 * @param requestId the id that the API gave the request, or null
 */
public record Reason(String words, @Nullable String requestId) {
    /** How much of a body a reason is made from. */
    public static final int MAX_BODY_BYTES = 64 << 10;

    private static final ObjectMapper JSON = new ObjectMapper(Json.FACTORY);
    private static final int MAX_BYTES = 4_096;
    private static final int MAX_ID_BYTES = 256;
    private static final int MAX_DEPTH = 3;

    static Reason of(int status, Headers headers, byte[] body, String token) {
        JsonNode json = parse(body);
        JsonNode error = json.path("error");
        // The forms are {"error": {"type" or "code", "message", "details"}} and {"error": "...", "message": "..."}.
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
        String line = Sanitizer.of(all.isEmpty() ? beginning(json, body) : all, token, MAX_BYTES);
        return new Reason(line.isEmpty() ? withoutText(status, headers, token) : line, requestId(json, headers, token));
    }

    /** The whole body, in one line of at most 4 KB, without the token. */
    static String whole(byte[] body, String token) {
        return Sanitizer.of(new String(body, StandardCharsets.UTF_8), token, MAX_BYTES);
    }

    /** The unparsed beginning of a JSON body that is longer than the limit. */
    private static String beginning(JsonNode json, byte[] body) {
        boolean broken = json.isMissingNode() && body.length >= MAX_BODY_BYTES && body[0] == '{';
        return broken ? new String(body, 0, Math.min(body.length, MAX_BYTES), StandardCharsets.UTF_8) : "";
    }

    private static String withoutText(int status, Headers headers, String token) {
        String location = headers.first("Location");
        if (location == null || status >= 400) {
            return "status " + status;
        }
        // Without the query, which may contain anything.
        return Sanitizer.of("status " + status + ", to " + location.replaceAll("[?#].*", ""), token, MAX_BYTES);
    }

    private static @Nullable String requestId(JsonNode json, Headers headers, String token) {
        return Stream.of(
                        text(json.path("request_id")),
                        text(json.path("error").path("request_id")),
                        headers.first("X-Request-Id"))
                .filter(Objects::nonNull)
                .map(value -> Sanitizer.of(value, token, MAX_ID_BYTES))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .orElse(null);
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

    /** Each as {@code field: rule}, for members of an object and for elements of a list. */
    private static String fields(JsonNode fields) {
        List<String> parts = new ArrayList<>();
        fields.properties().forEach(field -> parts.add(field.getKey() + ": " + values(field.getValue(), MAX_DEPTH)));
        if (fields.isArray()) {
            fields.forEach(field -> parts.add(values(field, MAX_DEPTH)));
        }
        return joined("; ", parts.stream());
    }

    private static String values(JsonNode node, int depth) {
        if (node.isValueNode()) {
            return node.asText();
        }
        if (depth == 0) {
            return "...";
        }
        return joined(node.isObject() ? ": " : ", ", node.valueStream().map(child -> values(child, depth - 1)));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asText() : null;
    }

    private static String joined(String separator, Stream<@Nullable String> parts) {
        return parts.filter(part -> part != null && !part.isBlank()).collect(Collectors.joining(separator));
    }
}
