package ai.flameup.sync.cli.input;

import ai.flameup.sync.fault.ExitCode;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command: gives it the global options and its streams. For one thread. */
public abstract class Subcommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        return execute().code();
    }

    /** Does the work of the command. */
    protected abstract ExitCode execute() throws Exception;

    protected final GlobalOptions options() {
        return (GlobalOptions) spec().root().userObject();
    }

    /** Standard output. */
    protected final PrintWriter out() {
        return spec().commandLine().getOut();
    }

    /** Standard output, or nowhere with {@code -q}. */
    protected final PrintWriter messages() {
        return options().quiet() ? new PrintWriter(PrintWriter.nullWriter()) : out();
    }

    /** Standard error. */
    protected final PrintWriter err() {
        return spec().commandLine().getErr();
    }

    private CommandSpec spec() {
        return Objects.requireNonNull(spec, "picocli sets the spec");
    }
}
