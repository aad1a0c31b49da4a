package ai.flameup.sync.cli;

import ai.flameup.sync.cli.input.SignalSource;
import ai.flameup.sync.cli.input.Signals;
import ai.flameup.sync.cli.log.CompletedMessage;
import ai.flameup.sync.cli.log.LogFormat;
import ai.flameup.sync.config.NativeText;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.sqlite.NativeLibrary;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Starts the program: executes one command and returns its exit code. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private final RootCommand root;

    private Main(RootCommand root) {
        this.root = root;
    }

    public static void main(String[] args) {
        // No text is translated, and machines read the numbers in SQL, JSON and printed commands.
        Locale.setDefault(Locale.ROOT);
        String home = System.getProperty("flameup.home");
        if (home != null) {
            NativeLibrary.useFrom(Path.of(home, "lib", "native"));
        }
        System.exit(execute(System.getenv(), new Signals(), args));
    }

    /**
     * Executes a command until it ends.
     *
     * @param environment the variables that commands and configuration read
     * @param signals the source of requests to stop and to reload
     * @return the exit code
     */
    static int execute(Map<String, String> environment, SignalSource signals, String... args) {
        Main main = new Main(new RootCommand(environment, signals));
        CommandLine commands = main.commandLine();
        try {
            NativeText.checkArguments(args);
        } catch (Fault fault) {
            return main.report(fault, commands.getErr());
        }
        return commands.execute(args);
    }

    private CommandLine commandLine() {
        return new CommandLine(root)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(parsed -> {
                    root.namedConfiguration().ifPresent(CompletedMessage::name);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command.getErr()));
    }

    /** The only place that turns an exception into lines and an exit code. */
    private int report(Exception failure, PrintWriter err) {
        if (failure instanceof Fault fault) {
            fault.problems().forEach(problem -> report(root.complete(problem), err));
            LOG.debug("Ended by a fault", fault);
            return fault.exitCode().code();
        }
        // Without its message: that of a library may quote a value.
        report("Internal error (" + failure.getClass().getName() + "). Please report this bug", err);
        LOG.error("Ended by an internal error", failure);
        return ExitCode.BUG.code();
    }

    private void report(String problem, PrintWriter err) {
        if (root.logFormat() == LogFormat.JSON) {
            LOG.error("{}", problem);
        } else {
            err.println("flameup-sync: " + problem);
        }
    }
}
