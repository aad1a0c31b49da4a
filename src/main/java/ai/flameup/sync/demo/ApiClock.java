package ai.flameup.sync.demo;

import io.netty.util.AsciiString;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The API's clock, which may be off from ours. Safe for use by many threads. */
final class ApiClock {
    /** As RFC 9110 (5.6.7) has it; the JDK's own writes the day without a leading zero. */
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

    /** How far it is ahead of ours, in milliseconds. */
    long offset() {
        return offset;
    }

    /** Our own time, in milliseconds. */
    long ours() {
        return source.millis();
    }

    /** The API's time as the header Date has it: written once a second, because every answer carries it. */
    AsciiString date() {
        long now = Math.floorDiv(ours() + offset, 1000);
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
