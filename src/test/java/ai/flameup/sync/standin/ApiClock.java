package ai.flameup.sync.standin;

import io.netty.util.AsciiString;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The API's clock, which may differ from ours. Thread-safe. */
final class ApiClock {
    /** The format of RFC 9110, 5.6.7. The JDK's own format writes the day without a leading zero. */
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private record Second(long number, AsciiString date) {}

    private final InstantSource source;
    private volatile long offset;
    private volatile Second last = second(0);

    ApiClock(InstantSource source) {
        this.source = source;
    }

    void offset(Duration duration) {
        offset = duration.toMillis();
    }

    /** Returns how far it is ahead of ours, in milliseconds. */
    long offset() {
        return offset;
    }

    /** Returns our own time, in milliseconds. */
    long own() {
        return source.millis();
    }

    /** Returns the API's time for the header Date. It is formatted once a second, because every response has it. */
    AsciiString date() {
        long now = Math.floorDiv(own() + offset, 1000);
        Second known = last;
        if (known.number != now) {
            known = second(now);
            last = known;
        }
        return known.date;
    }

    private static Second second(long number) {
        return new Second(number, AsciiString.of(DATE.format(Instant.ofEpochSecond(number))));
    }
}
