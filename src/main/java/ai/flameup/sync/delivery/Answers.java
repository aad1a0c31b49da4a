package ai.flameup.sync.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/** What an answer means, by the table of DESIGN.md section 5. A pure function. */
final class Answers {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration BELIEVED = Duration.ofHours(1);
    private static final int REASON_CHARS = 1_000;

    private Answers() {}

    /**
     * @param header the value of a header by its name, or null
     * @param body as much of it as was read
     * @param now the time where the answer does not tell its own
     */
    static Outcome outcome(int status, UnaryOperator<@Nullable String> header, byte[] body, Instant now) {
        if (status >= 200 && status < 300) {
            return new Outcome.Accepted(java.util.Set.of());
        }
        JsonNode json = parse(body);
        String reason = reason(status, json);
        if (status >= 500 || status == 408 || status == 425 || status == 429) {
            return new Outcome.Failed(status, reason, retryAfter(header, now), false);
        }
        String requestId = text(json.path("request_id"));
        if ((status >= 300 && status < 400) || status == 401 || status == 403 || status == 404) {
            return new Outcome.Refused(status, reason, requestId);
        }
        if (status >= 400) {
            return new Outcome.Rejected(status, reason, requestId);
        }
        return new Outcome.Failed(status, reason, null, true);
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

    /** The API's own words, in any of its three forms. */
    private static String reason(int status, JsonNode json) {
        JsonNode error = json.path("error");
        String words = Stream.of(
                        error.isTextual() ? error : error.path("type"),
                        error.path("code"),
                        error.path("message"),
                        json.path("message"))
                .map(Answers::text)
                .filter(text -> text != null && !text.isBlank())
                .collect(Collectors.joining(": "));
        String clean = words.replaceAll("\\p{Cntrl}", " ");
        if (clean.isBlank()) {
            return "status " + status;
        }
        return clean.length() > REASON_CHARS ? clean.substring(0, REASON_CHARS) : clean;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asText() : null;
    }

    private static @Nullable Duration retryAfter(UnaryOperator<@Nullable String> header, Instant now) {
        String value = header.apply("Retry-After");
        if (value == null) {
            return null;
        }
        Duration wait;
        if (value.strip().matches("\\d{1,9}")) {
            wait = Duration.ofSeconds(Long.parseLong(value.strip()));
        } else {
            Instant until = date(value);
            Instant sent = date(header.apply("Date"));
            if (until == null) {
                return null;
            }
            wait = Duration.between(sent == null ? now : sent, until);
        }
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(BELIEVED) > 0 ? BELIEVED : wait;
    }

    private static @Nullable Instant date(@Nullable String value) {
        try {
            return value == null ? null : DateUtils.parseStandardDate(value);
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
