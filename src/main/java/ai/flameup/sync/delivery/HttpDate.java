package ai.flameup.sync.delivery;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/** Dates of HTTP, in any of its three forms. May be shared between threads. */
final class HttpDate {
    /** The third form has no zone, which the library's reader wants. */
    private static final DateTimeFormatter ASCTIME =
            DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US);

    private record Read(String text, Instant time) {}

    /** Thousands of answers say the same second, and reading a date costs as much as the rest of an answer. */
    private static volatile Read last = new Read("Thu, 01 Jan 1970 00:00:00 GMT", Instant.EPOCH);

    private HttpDate() {}

    /** Null where there is none, or it is no date. */
    static @Nullable Instant parse(@Nullable String value) {
        if (value == null) {
            return null;
        }
        Read known = last;
        if (known.text.equals(value)) {
            return known.time;
        }
        Instant time = read(value.strip());
        if (time != null) {
            last = new Read(value, time);
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
