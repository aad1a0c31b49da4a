package ai.flameup.sync.cli.output;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows progress on a thread of its own: every second on one line of a terminal, which is erased at the end, else as a new line
 * every ten seconds.
 */
public final class Ticker {
    /** The work whose progress is shown. */
    public interface Work {
        ExitCode run() throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);
    private static final long TERMINAL_SECONDS = 1;
    private static final long LINE_SECONDS = 10;
    private static final String ERASE_LINE = "\r\u001B[K";

    private final PrintWriter out;
    private final boolean terminal;
    private final Supplier<String> line;

    /**
     * @param line the progress; called on the ticker's thread
     */
    public Ticker(PrintWriter out, boolean terminal, Supplier<String> line) {
        this.out = out;
        this.terminal = terminal;
        this.line = line;
    }

    /** Does the work, and shows progress until it ends. */
    public ExitCode during(Work work) throws InterruptedException {
        ScheduledExecutorService thread =
                Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "progress"));
        long every = terminal ? TERMINAL_SECONDS : LINE_SECONDS;
        var ticking = thread.scheduleWithFixedDelay(this::show, every, every, TimeUnit.SECONDS);
        try {
            return work.run();
        } finally {
            // Not interrupted: it may be writing a line.
            ticking.cancel(false);
            thread.shutdown();
            if (thread.awaitTermination(LINE_SECONDS, TimeUnit.SECONDS) && terminal) {
                out.print(ERASE_LINE);
                out.flush();
            }
        }
    }

    private void show() {
        try {
            if (terminal) {
                out.print(ERASE_LINE + line.get());
                out.flush();
            } else {
                out.println(line.get());
            }
        } catch (Fault passing) {
            // The work itself reports problems of the store.
            LOG.debug("Progress is not available", passing);
        }
    }
}
