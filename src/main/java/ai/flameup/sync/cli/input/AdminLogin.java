package ai.flameup.sync.cli.input;

import ai.flameup.sync.config.NativeText;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.PostgresUrl;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * An administrator's login for one command. Its password is never on the command line, where other users can see it. For one
 * thread.
 */
public final class AdminLogin {
    static final String PASSWORD = PostgresSettings.ADMIN_PASSWORD;

    private static final String OPTION = "--admin-url";

    @Option(
            names = OPTION,
            paramLabel = "URL",
            description = "Log in as this administrator: postgres://admin@host:port/database. The password comes from $"
                    + PASSWORD + ", ~/.pgpass or a prompt on the terminal")
    private @Nullable String url;

    /** Accepted only to be refused here: the message of picocli would repeat a URL with its password. */
    @Parameters(hidden = true, arity = "0..*")
    private @Nullable List<String> others;

    public boolean hasOthers() {
        return others != null;
    }

    public boolean isGiven() {
        return url != null;
    }

    /**
     * These settings with the login of the administrator; empty if the option was not given.
     *
     * @throws Fault 2 if the URL cannot be used, or if there are arguments other than options
     */
    public Optional<PostgresSettings> of(PostgresSettings names, GlobalOptions options) {
        if (others != null) {
            throw new Fault(ExitCode.USAGE, "only options are accepted, such as %s URL".formatted(OPTION));
        }
        if (url == null) {
            return Optional.empty();
        }
        PostgresUrl server = PostgresUrl.parse(OPTION, url);
        String username = server.username();
        if (server.password() != null) {
            throw new Fault(
                    ExitCode.USAGE,
                    "%s contains a password, which every user of this machine can see in the process list. Pass it in $%s or ~/.pgpass, or type it when asked on a terminal"
                            .formatted(OPTION, PASSWORD));
        }
        if (username == null) {
            throw new Fault(ExitCode.USAGE, OPTION + " names no role. Put the administrator's role before the host");
        }
        return Optional.of(names.through(server.jdbc(), username, password(username, options)));
    }

    private static String password(String username, GlobalOptions options) {
        return Optional.ofNullable(
                        NativeText.checked(PASSWORD, options.environment().get(PASSWORD)))
                .orElseGet(() -> new Questions(!options.yes() && Terminal.isPresent())
                        .secret("Password of %s (not shown; empty for ~/.pgpass, or none)".formatted(username)));
    }
}
