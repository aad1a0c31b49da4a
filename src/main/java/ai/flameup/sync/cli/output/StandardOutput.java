package ai.flameup.sync.cli.output;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Standard output, whose content scripts rely on. */
public final class StandardOutput {
    private StandardOutput() {}

    /** In UTF-8 independent of the locale, for bodies that are shown as they are sent. */
    public static PrintWriter utf8() {
        return new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    }

    /**
     * An incomplete list must not look complete.
     *
     * @throws Fault 6 if not everything could be written
     */
    public static void requireWritten(PrintWriter out) {
        if (out.checkError() || System.out.checkError()) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "standard output was closed or is full before the output was complete. Free space, or read the output to its end");
        }
    }
}
