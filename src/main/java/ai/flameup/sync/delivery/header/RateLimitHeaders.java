package ai.flameup.sync.delivery.header;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of an answer's budget headers, not parsed yet. Immutable.
 *
 * @param limit null if the answer has none
 * @param reset a time, or a duration from now
 */
public record RateLimitHeaders(
        @Nullable String limit,
        @Nullable String remaining,
        @Nullable String reset) {
    /** The common names, those of the IETF drafts up to 07, and a variant of the common ones. */
    private static final List<Names> NAMES = Stream.of("X-RateLimit-", "RateLimit-", "X-Rate-Limit-")
            .map(prefix -> new Names(prefix + "Limit", prefix + "Remaining", prefix + "Reset"))
            .toList();

    /** One header with all values: {@code limit=100, remaining=50, reset=5} in draft 07, {@code "x";r=50;t=5} since. */
    private static final String COMBINED = "RateLimit";

    private static final String POLICY = "RateLimit-Policy";
    private static final Pattern LIMIT = parameter("limit|q");
    private static final Pattern REMAINING = parameter("remaining|r");
    private static final Pattern RESET = parameter("reset|t");
    private static final int MAX_BYTES = 100;

    private record Names(String limit, String remaining, String reset) {}

    private static Pattern parameter(String names) {
        return Pattern.compile("(?:^|[;,\\s])(?:" + names + ")\\s*=\\s*\"?([^;,\"\\s]+)");
    }

    /** Null if the answer has no such header. */
    static @Nullable RateLimitHeaders of(Headers headers) {
        for (Names names : NAMES) {
            String limit = headers.first(names.limit);
            String remaining = headers.first(names.remaining);
            String reset = headers.first(names.reset);
            if (limit != null || remaining != null || reset != null) {
                return new RateLimitHeaders(limit, remaining, reset);
            }
        }
        String combined = headers.first(COMBINED);
        if (combined == null) {
            return null;
        }
        String policy = headers.first(POLICY);
        String limit = find(LIMIT, combined);
        return new RateLimitHeaders(
                limit == null && policy != null ? find(LIMIT, policy) : limit,
                find(REMAINING, combined),
                find(RESET, combined));
    }

    private static @Nullable String find(Pattern parameter, String in) {
        Matcher matcher = parameter.matcher(in);
        return matcher.find() ? matcher.group(1) : null;
    }

    /**
     * The unchanged budget headers in one line, without the token, for a report that they cannot be parsed; null if there
     * is none.
     */
    public static @Nullable String quoted(Headers headers, String token) {
        List<String> present = Stream.concat(
                        NAMES.stream().flatMap(names -> Stream.of(names.limit, names.remaining, names.reset)),
                        Stream.of(COMBINED, POLICY))
                .filter(name -> headers.first(name) != null)
                .map(name -> name + ": " + Sanitizer.of(String.valueOf(headers.first(name)), token, MAX_BYTES))
                .toList();
        return present.isEmpty() ? null : String.join(", ", present);
    }
}
