package ai.flameup.sync.config;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses durations of configuration and command line: a number of up to nine digits and a unit. Stateless. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private static final Duration MAX = Duration.ofDays(36_500);

    /** The rule that a text breaks if {@link #parse} returns null. */
    public static final String RULE = "must be a duration like 500ms, 10s, 5m or 1d";

    private Durations() {}

    /** Null if the text is not a duration, or exceeds 36,500 days. */
    public static @Nullable Duration parse(String text) {
        Matcher matcher = FORM.matcher(text);
        Duration unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit == null) {
            return null;
        }
        Duration duration = unit.multipliedBy(Long.parseLong(matcher.group(1)));
        // Sums of the clock and longer durations could overflow.
        return duration.compareTo(MAX) > 0 ? null : duration;
    }
}
