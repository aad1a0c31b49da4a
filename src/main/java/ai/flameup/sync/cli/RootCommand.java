package ai.flameup.sync.cli;

import ai.flameup.sync.cli.backfill.BackfillCommand;
import ai.flameup.sync.cli.backfill.ResyncCommand;
import ai.flameup.sync.cli.command.DemoCommand;
import ai.flameup.sync.cli.command.DoctorCommand;
import ai.flameup.sync.cli.command.InitCommand;
import ai.flameup.sync.cli.command.SetupCommand;
import ai.flameup.sync.cli.command.StatusCommand;
import ai.flameup.sync.cli.command.TeardownCommand;
import ai.flameup.sync.cli.deadletters.DeadLettersCommand;
import ai.flameup.sync.cli.input.GlobalOptions;
import ai.flameup.sync.cli.input.SignalSource;
import ai.flameup.sync.cli.ledger.ExplainCommand;
import ai.flameup.sync.cli.ledger.ForgetCommand;
import ai.flameup.sync.cli.ledger.VerifyCommand;
import ai.flameup.sync.cli.send.PreviewCommand;
import ai.flameup.sync.cli.send.RunCommand;
import ai.flameup.sync.cli.send.TryCommand;
import ai.flameup.sync.config.Version;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the command tree: names every command. */
@Command(
        name = "flameup-sync",
        description = "Keep Flameup's people in sync with one table of a PostgreSQL database",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = RootCommand.VersionProvider.class,
        exitCodeListHeading = "%nExit codes, the same for every command:%n",
        exitCodeList = {
            "  0:Done",
            "  1:Internal error",
            "  2:Usage or configuration",
            "  3:Postgres is not reachable or not ready",
            "  4:Flameup is not reachable (finite run)",
            "  5:Flameup refuses the token, the permission or the workspace",
            "  6:Done, but something needs attention",
            "  7:A gap is possible: run resync",
            "  8:The store cannot be used",
            "  9:Too many rows were refused",
            " 75:Another process is running, or a finite run was interrupted: the next run continues",
            "137:Out of memory"
        },
        footer = {
            "%nWhat to do for each exit code: ${sys:flameup.home:-.}/src/site/markdown/operations.md",
            "All documents: ${sys:flameup.home:-.}/README.md"
        },
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
            VerifyCommand.class,
            ExplainCommand.class,
            ForgetCommand.class,
            DemoCommand.class
        })
final class RootCommand extends GlobalOptions implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    RootCommand(Map<String, String> environment, SignalSource signals) {
        super(environment, signals);
    }

    /** Without a command there is nothing to do. */
    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the spec");
        }
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    static final class VersionProvider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"flameup-sync " + Version.current()};
        }
    }
}
