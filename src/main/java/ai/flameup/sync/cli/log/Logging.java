package ai.flameup.sync.cli.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Configures Logback: one line for each event, on standard error. In code, because reading it from XML costs a tenth of the
 * start-up time of a command. Found by Logback as a service; a {@code logback.xml} or {@code logback-test.xml} on the class path
 * and the property {@code logback.configurationFile} go first.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    static final String APPENDER = "STDERR";
    private static final String FILE_PROPERTY = "logback.configurationFile";
    private static final List<String> FILES = List.of("/logback-test.xml", "/logback.xml");

    /** Messages of libraries help only in debugging. This program logs what an operator can use, with a remedy. */
    private static final Map<String, Level> LEVELS = Map.of(
            "io.debezium", Level.OFF,
            "org.apache.kafka", Level.OFF,
            "com.zaxxer.hikari", Level.OFF,
            "org.apache.hc", Level.OFF,
            "io.netty", Level.WARN,
            "io.zonky", Level.WARN,
            "ai.flameup", Level.INFO);

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(FILE_PROPERTY) != null
                || FILES.stream().map(Logging.class::getResource).anyMatch(Objects::nonNull)) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        configureStandardError(context);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    static void configureStandardError(LoggerContext context) {
        PlainLine encoder = new PlainLine();
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName(APPENDER);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        LEVELS.forEach((name, level) -> context.getLogger(name).setLevel(level));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(appender);
    }
}
