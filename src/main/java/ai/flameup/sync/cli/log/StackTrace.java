package ai.flameup.sync.cli.log;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.ArrayList;
import java.util.List;

/** The stack trace of an exception without messages, because those of libraries may quote a value. Stateless. */
final class StackTrace {
    private static final int MAX_CAUSES = 10;

    private StackTrace() {}

    /** The class of the exception and of each of its causes, each followed by its frames. */
    static List<String> lines(IThrowableProxy thrown) {
        List<String> lines = new ArrayList<>();
        String head = "";
        IThrowableProxy one = thrown;
        for (int causes = 0; one != null && causes <= MAX_CAUSES; causes++) {
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
