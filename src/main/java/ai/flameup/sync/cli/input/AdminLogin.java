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
 * An administrator's login for one command, whose password is never on the command line, where others could see it. For
 * one thread.
 */
public final class AdminLogin {
    static final String PASSWORD = PostgresSettings.ADMIN_PASSWORD;

    private static final String OPTION = "--admin-url";

    @Option(
            names = OPTION,
            paramLabel = "URL",
            description =
                    "through an administrator's login: postgres://admin@host:port/database; its password is asked for on"
                            + " a terminal, or taken from $" + PASSWORD + " or ~/.pgpass")
    private @Nullable String url;

    /** Taken only to be refused by us: picocli would repeat them, and with a URL its password. */
    @Parameters(hidden = true, arity = "0..*")
    private @Nullable List<String> others;

    public boolean hasOthers() {
        return others != null;
    }

    public boolean isGiven() {
        return url != null;
    }

    /**
     * The login for what these settings name; empty where none was given.
     *
     * @throws Fault 2 where it cannot be used
     */
    public Optional<PostgresSettings> of(PostgresSettings names, GlobalOptions options) {
        if (others != null) {
            throw new Fault(ExitCode.USAGE, "only options are taken, like %s URL".formatted(OPTION));
        }
        if (url == null) {
            return Optional.empty();
        }
        PostgresUrl server = PostgresUrl.parse(OPTION, url);
        String username = server.username();
        if (server.password() != null) {
            throw new Fault(
                    ExitCode.USAGE,
                    "%s holds a password, which everybody on this machine can see in the list of processes; leave it out: it is asked for on a terminal, or taken from $%s or ~/.pgpass"
                            .formatted(OPTION, PASSWORD));
        }
        if (username == null) {
            throw new Fault(ExitCode.USAGE, OPTION + " names nobody; put the administrator's role before the host");
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
