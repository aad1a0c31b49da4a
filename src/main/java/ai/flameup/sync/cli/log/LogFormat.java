package ai.flameup.sync.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The format of log lines. */
public enum LogFormat {
    PLAIN,
    JSON;

    /** Selects this format. Must be called before the first event. */
    public void use() {
        if (this == JSON
                && LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof ch.qos.logback.classic.Logger root) {
            Appender<ILoggingEvent> appender = root.getAppender(Logging.APPENDER);
            if (appender instanceof ConsoleAppender<ILoggingEvent> console) {
                console.stop();
                console.setEncoder(new JsonLine());
                console.start();
            }
        }
    }
}
