package ai.flameup.sync.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The plain log of an internal error has the stack trace, but no message of a library. */
class StackTraceTest {
    private static String logged(Level level) {
        LoggerContext context = new LoggerContext();
        Logging.configureStandardError(context);
        Logger logger = context.getLogger("ai.flameup.sync.Some");
        Appender<ILoggingEvent> appender = context.getLogger("ROOT").getAppender(Logging.APPENDER);
        Encoder<ILoggingEvent> encoder = ((ConsoleAppender<ILoggingEvent>) appender).getEncoder();
        Exception cause = new IllegalArgumentException("ann@example.com");
        LoggingEvent event = new LoggingEvent(
                "fqcn", logger, level, "Internal error", new IllegalStateException("ann@example.com", cause), null);
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void internalError_hasStackTraceWithoutMessages() {
        assertThat(logged(Level.ERROR))
                .contains("Internal error")
                .contains("java.lang.IllegalStateException\n\tat ai.flameup.sync.cli.log.StackTraceTest.logged(")
                .contains("Caused by: java.lang.IllegalArgumentException\n")
                .doesNotContain("ann@example.com");
    }

    @Test
    void warning_hasNoStackTrace() {
        assertThat(logged(Level.WARN)).contains("Internal error").doesNotContain("\tat ", "Exception");
    }
}
