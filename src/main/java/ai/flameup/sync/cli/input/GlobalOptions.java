package ai.flameup.sync.cli.input;

import ai.flameup.sync.cli.log.LogFormat;
import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.fault.Launcher;
import ch.qos.logback.classic.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The options that every command accepts, and the environment that it runs in. The command at the root of the tree extends
 * it, and {@link Subcommand} reads it. For one thread.
 */
public abstract class GlobalOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Read this configuration file")
    private @Nullable Path config;

    @Option(names = "-q", scope = ScopeType.INHERIT, description = "Print errors only")
    void setQuiet(boolean quiet) {
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
            description = "Write the log to standard error in this format: plain (default) or json, one event per line")
    void setLogFormat(LogFormat format) {
        this.logFormat = format;
        format.use();
    }

    private LogFormat logFormat = LogFormat.PLAIN;

    @Option(
            names = "--yes",
            scope = ScopeType.INHERIT,
            description = "Act without asking. With run: let an empty store take over a slot that was read before")
    private boolean yes;

    private final Map<String, String> environment;
    private final SignalSource signals;

    /**
     * @param environment the variables that commands and configuration read
     * @param signals the source of requests to stop and to reload
     */
    protected GlobalOptions(Map<String, String> environment, SignalSource signals) {
        this.environment = environment;
        this.signals = signals;
    }

    /** The value of {@code --config}; null without it. */
    public final @Nullable Path config() {
        return config;
    }

    public final Map<String, String> environment() {
        return environment;
    }

    public final SignalSource signals() {
        return signals;
    }

    /** Whether to print errors only. */
    public final boolean quiet() {
        return quiet;
    }

    /** Whether to act without confirmation. */
    public final boolean yes() {
        return yes;
    }

    public final LogFormat logFormat() {
        return logFormat;
    }

    /** The configuration that later commands must name; empty if they find it by themselves, or if none exists. */
    public final Optional<Path> namedConfiguration() {
        return SettingsFile.named(config, environment);
    }

    /** The text, with every command in it completed so that it can be pasted. */
    public final String complete(String text) {
        return Launcher.complete(text, namedConfiguration().orElse(null));
    }

    /** @throws ai.flameup.sync.fault.Fault 2 with all problems of the configuration */
    public final Settings settings() {
        return SettingsFile.load(config, environment);
    }

    /**
     * The settings that need no token.
     *
     * @throws ai.flameup.sync.fault.Fault 2 with all problems of the configuration
     */
    public final PreviewSettings previewSettings() {
        return SettingsFile.preview(config, environment);
    }

    /**
     * The settings that need neither token nor password.
     *
     * @throws ai.flameup.sync.fault.Fault 2 with all problems of the configuration
     */
    public final PreviewSettings settingsWithoutSecrets() {
        return SettingsFile.withoutSecrets(config, environment);
    }

    /** The directory of the store. Reads no other part of the configuration. */
    public final Path stateDirectory() {
        return SettingsFile.stateDirectory(config, environment);
    }
}
