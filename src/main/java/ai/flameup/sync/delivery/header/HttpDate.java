package ai.flameup.sync.delivery.header;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/** Parses dates of HTTP, in any of its three formats. May be shared between threads. */
public final class HttpDate {
    /** The third format has no time zone, which the library's parser requires. */
    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US);

    private record Parsed(String text, Instant time) {}

    /** Thousands of answers have the same date, and parsing one costs as much as the rest of an answer. */
    private static volatile Parsed last = new Parsed("Thu, 01 Jan 1970 00:00:00 GMT", Instant.EPOCH);

    private HttpDate() {}

    /** Null if there is no value, or it is not a date. */
    public static @Nullable Instant parse(@Nullable String value) {
        if (value == null) {
            return null;
        }
        Parsed known = last;
        if (known.text.equals(value)) {
            return known.time;
        }
        Instant time = read(value.strip());
        if (time != null) {
            last = new Parsed(value, time);
        }
        return time;
    }

    private static @Nullable Instant read(String text) {
        Instant time = DateUtils.parseStandardDate(text);
        if (time != null) {
            return time;
        }
        try {
            return LocalDateTime.parse(text, ASCTIME).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
