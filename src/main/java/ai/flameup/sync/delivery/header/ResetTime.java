package ai.flameup.sync.delivery.header;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses when a window of the budget ends: seconds or milliseconds since 1970, seconds from now, an ISO time, an HTTP
 * date, or a duration such as {@code 1m30s} or {@code PT30S}.
 */
final class ResetTime {
    /** A smaller number is a duration: as a time it would be before 2001. */
    private static final long FIRST_TIME = 1_000_000_000L;
    /** A number from here on is in milliseconds: as seconds it would be after 5138. */
    private static final long FIRST_MILLIS = 100_000_000_000L;

    private static final Pattern ISO_TIME = Pattern.compile("\\d{4}-\\d{2}-\\d{2}T.+");
    private static final Pattern DURATION = Pattern.compile("(?i)(?:PT)?((?:\\d+(?:\\.\\d+)?[HMS])+)");

    private ResetTime() {}

    /**
     * The end in Unix seconds by the API's clock; null if the value has none of these forms.
     *
     * @param serverTime in Unix seconds
     */
    static @Nullable Long parse(String value, long serverTime) {
        Decimal number = Decimal.parse(value);
        if (number != null) {
            return number.whole() < 0 ? null : ofNumber(number, serverTime);
        }
        String text = value.strip();
        if (ISO_TIME.matcher(text).matches()) {
            return isoTime(text);
        }
        var duration = DURATION.matcher(text);
        if (duration.matches()) {
            return duration(duration.group(1), serverTime);
        }
        Instant date = HttpDate.parse(text);
        return date == null ? null : Long.valueOf(date.getEpochSecond());
    }

    private static @Nullable Long isoTime(String text) {
        try {
            return roundedUp(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static @Nullable Long duration(String units, long serverTime) {
        try {
            return roundedUp(
                    Instant.ofEpochSecond(serverTime).plus(Duration.parse("PT" + units.toUpperCase(Locale.ROOT))));
        } catch (DateTimeParseException | ArithmeticException e) {
            return null;
        }
    }

    private static long roundedUp(Instant time) {
        return time.getEpochSecond() + (time.getNano() > 0 ? 1 : 0);
    }

    private static long ofNumber(Decimal reset, long serverTime) {
        if (reset.whole() < FIRST_TIME) {
            return serverTime + reset.up();
        }
        return reset.whole() < FIRST_MILLIS ? reset.up() : (reset.whole() + 999) / 1_000;
    }
}
