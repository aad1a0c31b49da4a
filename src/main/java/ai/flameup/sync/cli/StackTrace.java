package ai.flameup.sync.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.pattern.ThrowableHandlingConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.ArrayList;
import java.util.List;

/**
 * The stack trace of an internal error, which alone is logged as an error with its exception. Without messages, because
 * those of libraries may quote a value. May be shared between threads.
 */
public final class StackTrace extends ThrowableHandlingConverter {
    private static final int MOST_CAUSES = 10;

    @Override
    public String convert(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        return thrown == null || event.getLevel() != Level.ERROR
                ? ""
                : String.join(System.lineSeparator(), lines(thrown)) + System.lineSeparator();
    }

    /** The class of the exception and of each of its causes, each followed by its frames. */
    static List<String> lines(IThrowableProxy thrown) {
        List<String> lines = new ArrayList<>();
        String head = "";
        IThrowableProxy one = thrown;
        for (int causes = 0; one != null && causes <= MOST_CAUSES; causes++) {
            lines.add(head + one.getClassName());
            StackTraceElementProxy[] frames = one.getStackTraceElementProxyArray();
            for (int i = 0; i < frames.length - one.getCommonFrames(); i++) {
                lines.add("\tat " + frames[i].getStackTraceElement());
            }
            head = "Caused by: ";
            one = one.getCause();
        }
        return lines;
    }
}
