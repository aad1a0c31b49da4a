package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.AdminLogin;
import ai.flameup.sync.cli.input.Questions;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.config.NativeText;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.config.UrlFiles;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.init.Draft;
import ai.flameup.sync.init.DraftText;
import ai.flameup.sync.init.DraftedFile;
import ai.flameup.sync.init.TableAssessment;
import ai.flameup.sync.source.PostgresSettings;
import ai.flameup.sync.source.PostgresUrl;
import ai.flameup.sync.source.TableName;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "init",
        description = "Write a commented configuration for a table; on a terminal, asks for what is missing")
public final class InitCommand extends Subcommand {
    private static final String PASSWORD = "PGPASSWORD";

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Connect to this database: " + PostgresUrl.FORM + ". Pass the password in $" + PASSWORD)
    private @Nullable String url;

    @Option(names = "--username", paramLabel = "ROLE", description = "Connect as this role, unless the URL names one")
    private @Nullable String username;

    @Option(names = "--table", paramLabel = "TABLE", description = "Sync this table, such as public.users")
    private @Nullable String table;

    @Option(names = "--workspace", paramLabel = "ID", description = "Send to this workspace at Flameup")
    private @Nullable String workspace;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description = "Send to the API at this address (default: " + SettingsFile.BASE_URL + ")")
    private @Nullable String baseUrl;

    @Mixin
    private final AdminLogin admin = new AdminLogin();

    @Override
    protected ExitCode execute() {
        Path file = Optional.ofNullable(options().config()).orElse(Path.of(SettingsFile.NAME));
        DraftedFile.check(file);
        Questions questions = new Questions(!options().yes() && Terminal.isPresent());
        if (admin.hasOthers()) {
            questions.problem("init accepts options only, such as --url URL and --table TABLE");
        }
        Optional<PostgresUrl> server =
                questions.required(url, "--url", "Database, as " + PostgresUrl.FORM, InitCommand::server);
        Optional<String> role = questions.required(
                username == null ? server.map(PostgresUrl::username).orElse(null) : username,
                "--username",
                "Postgres role, unless the URL names one",
                Function.identity());
        String password = server.map(PostgresUrl::password)
                .or(() -> Optional.ofNullable(
                        NativeText.checked(PASSWORD, options().environment().get(PASSWORD))))
                .orElseGet(() -> admin.isGiven()
                        ? ""
                        : questions.secret("Password of the role (not shown; empty if none is needed)"));
        Optional<TableName> name = questions.required(
                table, "--table", "Table of the users, such as public.users", InitCommand::tableName);
        Optional<String> space =
                questions.required(workspace, "--workspace", "Workspace at Flameup", Function.identity());
        Optional<String> address =
                questions.optional(baseUrl, "Address of Flameup's API", SettingsFile.BASE_URL, InitCommand::baseUrl);
        questions.throwIfAny();

        PostgresSettings own = postgres(server.orElseThrow(), role.orElseThrow(), password, name.orElseThrow());
        Optional<PostgresSettings> through = admin.of(own, options());
        TableAssessment assessment =
                through.isPresent() ? TableAssessment.through(through.get()) : TableAssessment.at(own);
        Draft draft = new Draft(
                server.orElseThrow(),
                new Draft.Role(role.orElseThrow(), !password.isEmpty() || admin.isGiven()),
                name.orElseThrow(),
                new Draft.Destination(address.orElseThrow(), space.orElseThrow()),
                assessment.mapping());
        DraftedFile.write(file, DraftText.of(draft));
        if (!options().quiet()) {
            boolean found =
                    options().config() == null && !options().environment().containsKey("FLAMEUP_SYNC_CONFIG");
            new InitReport(out()).print(file, found, draft, assessment, admin.isGiven());
        }
        return ExitCode.DONE;
    }

    /** With absolute paths, because the file may be written into another directory. */
    private static PostgresUrl server(String given) {
        return PostgresUrl.parse(UrlFiles.absolute(given, Path.of("").toAbsolutePath()));
    }

    private static TableName tableName(String given) {
        return TableName.parse(given)
                .orElseThrow(() ->
                        new Fault(ExitCode.USAGE, "--table is %s, but %s".formatted(given, SettingsFile.TABLE_RULE)));
    }

    private static String baseUrl(String given) {
        Optional<String> problem = SettingsFile.problemOfBaseUrl(given);
        if (problem.isPresent()) {
            throw new Fault(ExitCode.USAGE, "--base-url " + problem.get());
        }
        return given;
    }

    private static PostgresSettings postgres(PostgresUrl server, String role, String password, TableName table) {
        return new PostgresSettings(
                new PostgresSettings.Login(server.jdbc(), role, () -> password),
                table.schema(),
                table.name(),
                "flameup_sync",
                "flameup_sync");
    }
}
