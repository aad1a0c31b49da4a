package ai.flameup.sync.cli;

import ai.flameup.sync.config.NativeText;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.config.Version;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.Launcher;
import ai.flameup.sync.state.NativeLibrary;
import ch.qos.logback.classic.Level;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "flameup-sync",
        description = "Keeps Flameup's people in step with one table of a PostgreSQL database.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.VersionProvider.class,
        subcommands = {
            InitCommand.class,
            DoctorCommand.class,
            SetupCommand.class,
            TeardownCommand.class,
            PreviewCommand.class,
            TryCommand.class,
            RunCommand.class,
            StatusCommand.class,
            BackfillCommand.class,
            ResyncCommand.class,
            DeadLettersCommand.class,
            DemoCommand.class
        })
public final class Main implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    @Option(names = "--config", paramLabel = "FILE", scope = ScopeType.INHERIT, description = "the configuration file")
    private @Nullable Path config;

    @Option(names = "-q", scope = ScopeType.INHERIT, description = "print nothing but errors")
    void quiet(boolean quiet) {
        this.quiet = quiet;
        if (quiet && LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof ch.qos.logback.classic.Logger root) {
            root.getLoggerContext().getLoggerList().forEach(logger -> logger.setLevel(Level.ERROR));
        }
    }

    private boolean quiet;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            description = "plain (default) or json: one event a line, on standard error")
    void logFormat(LogFormat format) {
        this.logFormat = format;
        format.use();
    }

    private LogFormat logFormat = LogFormat.PLAIN;

    @Option(
            names = "--yes",
            scope = ScopeType.INHERIT,
            description = "do not ask; with run: let an empty store take over a slot that was read before")
    private boolean yes;

    @Spec
    private @Nullable CommandSpec spec;

    private final Map<String, String> environment;
    private final SignalSource signals;

    private Main(Map<String, String> environment, SignalSource signals) {
        this.environment = environment;
        this.signals = signals;
    }

    public static void main(String[] args) {
        // Nothing is translated, and machines read the numbers in SQL, JSON and printed commands.
        Locale.setDefault(Locale.ROOT);
        String home = System.getProperty("flameup.home");
        if (home != null) {
            NativeLibrary.useFrom(Path.of(home, "lib", "native"));
        }
        System.exit(execute(System.getenv(), new Signals(), args));
    }

    /**
     * Executes a command to its end.
     *
     * @param environment the variables that commands and configuration see
     * @param signals where commands are asked to stop
     * @return the exit code
     */
    static int execute(Map<String, String> environment, SignalSource signals, String... args) {
        Main main = new Main(environment, signals);
        CommandLine commands = main.commandLine();
        try {
            NativeText.checkArguments(args);
        } catch (Fault fault) {
            return main.told(fault, false, commands.getErr());
        }
        return commands.execute(args);
    }

    private CommandLine commandLine() {
        return new CommandLine(this)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(parsed -> {
                    namedConfiguration().ifPresent(CompletedMessage::name);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler(
                        (failure, command, parsed) -> told(failure, isJson(command), command.getErr()));
    }

    @Nullable
    Path config() {
        return config;
    }

    SignalSource signals() {
        return signals;
    }

    boolean quiet() {
        return quiet;
    }

    boolean yes() {
        return yes;
    }

    /** The configuration, where commands have to name it; empty where it is found without, or there is none. */
    Optional<Path> namedConfiguration() {
        return SettingsFile.named(config, environment());
    }

    /** A text whose commands can be pasted as they are. */
    String complete(String text) {
        return Launcher.complete(text, namedConfiguration().orElse(null));
    }

    Map<String, String> environment() {
        return environment;
    }

    @Override
    public Integer call() {
        CommandSpec self = spec;
        if (self == null) {
            throw new IllegalStateException("picocli sets the spec");
        }
        throw new ParameterException(self.commandLine(), yes ? "a command is missing" : "Missing command");
    }

    /** The one place that turns an exception into lines and an exit code. */
    private int told(Exception failure, boolean json, PrintWriter err) {
        if (failure instanceof Fault fault) {
            fault.problems().forEach(problem -> tell(complete(problem), json, err));
            LOG.debug("Ended by a fault", fault);
            return fault.exitCode().code();
        }
        // Without the message: that of a library may quote a value.
        tell("Internal error (" + failure.getClass().getName() + "). Please report this bug", json, err);
        LOG.error("Ended by an internal error", failure);
        return ExitCode.BUG.code();
    }

    private static boolean isJson(CommandLine command) {
        CommandSpec root = command.getCommandSpec().root();
        return root.userObject() instanceof Main main && main.logFormat == LogFormat.JSON;
    }

    private static void tell(String problem, boolean json, PrintWriter err) {
        if (json) {
            LOG.error("{}", problem);
        } else {
            err.println("flameup-sync: " + problem);
        }
    }

    static final class VersionProvider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"flameup-sync " + Version.current()};
        }
    }
}
