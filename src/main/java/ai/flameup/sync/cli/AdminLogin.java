package ai.flameup.sync.cli;

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
final class AdminLogin {
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

    boolean hasOthers() {
        return others != null;
    }

    boolean isGiven() {
        return url != null;
    }

    /**
     * The login for what these settings name; empty where none was given.
     *
     * @throws Fault 2 where it cannot be used
     */
    Optional<PostgresSettings> of(PostgresSettings names, Main main) {
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
        return Optional.of(names.through(server.jdbc(), username, password(username, main)));
    }

    private static String password(String username, Main main) {
        return Optional.ofNullable(
                        NativeText.checked(PASSWORD, main.environment().get(PASSWORD)))
                .orElseGet(() -> new Questions(!main.yes() && Terminal.isThere())
                        .secret("Password of %s (not shown; empty for ~/.pgpass, or none)".formatted(username)));
    }
}
