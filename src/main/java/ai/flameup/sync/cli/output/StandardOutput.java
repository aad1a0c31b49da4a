package ai.flameup.sync.cli.output;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** What is written there is what scripts rely on. */
public final class StandardOutput {
    private StandardOutput() {}

    /** In UTF-8 whatever the locale is, for bytes that are shown as they are sent. */
    public static PrintWriter utf8() {
        return new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    }

    /**
     * A list that ends where the disk is full must not look like a whole one.
     *
     * @throws Fault 6 where not everything could be written
     */
    public static void requireWritten(PrintWriter out) {
        if (out.checkError() || System.out.checkError()) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "standard output was closed or is full before the list was whole; give it room, or read it to its end");
        }
    }
}
