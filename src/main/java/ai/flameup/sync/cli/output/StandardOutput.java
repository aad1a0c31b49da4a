package ai.flameup.sync.cli.output;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Standard output, whose content scripts rely on. */
public final class StandardOutput {
    private static final Logger LOG = LoggerFactory.getLogger(StandardOutput.class);
    private static final String INCOMPLETE =
            "standard output was closed or is full before the output was complete. Free space, or read the output to its end";
    /** Bits of a file's mode, as in stat(2). */
    private static final int FILE_TYPE = 0170000;

    private static final int FIFO = 0010000;

    private StandardOutput() {}

    /** In UTF-8 independent of the locale, for bodies that are shown as they are sent. */
    public static PrintWriter utf8() {
        return new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    }

    /**
     * An incomplete list must not look complete.
     *
     * @throws Fault 6 if not everything could be written; without a message if the reader closed the pipe, as {@code head} does
     */
    public static void requireWritten(PrintWriter out) {
        if (out.checkError() || System.out.checkError()) {
            throw new Fault(ExitCode.ATTENTION, isPipe() ? List.of() : List.of(INCOMPLETE), null);
        }
    }

    /** A pipe is never full: writing fails only if its reader is gone. */
    private static boolean isPipe() {
        try {
            return Files.getAttribute(Path.of("/dev/stdout"), "unix:mode") instanceof Integer mode
                    && (mode & FILE_TYPE) == FIFO;
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("The kind of standard output is unknown", e);
            return false;
        }
    }
}
