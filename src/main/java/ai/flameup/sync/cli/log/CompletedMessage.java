package ai.flameup.sync.cli.log;

import ai.flameup.sync.fault.Launcher;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.file.Path;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/** Completes the commands in a log message, so that they can be pasted. Stateless. */
public final class CompletedMessage {
    private static final String CONFIGURATION = "configuration";

    private CompletedMessage() {}

    /** Makes commands in later log messages name this configuration. */
    public static void name(Path configuration) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (factory instanceof ch.qos.logback.classic.LoggerContext context) {
            context.putProperty(CONFIGURATION, configuration.toString());
        }
    }

    static String of(ILoggingEvent event) {
        String configuration = event.getLoggerContextVO().getPropertyMap().get(CONFIGURATION);
        return Launcher.complete(event.getFormattedMessage(), configuration == null ? null : Path.of(configuration));
    }
}
