package ai.flameup.sync.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Encodes a log event as one line of text. An internal error, which alone is logged as an error with its exception, is
 * followed by its stack trace. May be shared between threads.
 */
public final class PlainLine extends LogLine {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    @Override
    String text(ILoggingEvent event) {
        StringBuilder line = new StringBuilder();
        TIME.formatTo(event.getInstant(), line);
        line.append(String.format(Locale.ROOT, " %-5s ", event.getLevel()))
                .append(CompletedMessage.of(event))
                .append(System.lineSeparator());
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null && event.getLevel() == Level.ERROR) {
            StackTrace.lines(thrown).forEach(frame -> line.append(frame).append(System.lineSeparator()));
        }
        return line.toString();
    }
}
