package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.AdminLogin;
import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.ShellWord;
import ai.flameup.sync.ops.Installation;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "teardown",
        description = {
            "Remove what setup created in the database: first the replication slot, then the publication, the rights and the role.",
            "Objects that existed before stay, and so does the state directory."
        })
public final class TeardownCommand extends Subcommand {
    @Mixin
    private final AdminLogin admin = new AdminLogin();

    @Option(names = "--print-sql", description = "Print the SQL for an administrator, and change nothing")
    private boolean printSql;

    @Option(names = "--slot-only", description = "Remove only the slot, which retains WAL")
    private boolean slotOnly;

    @Option(
            names = "--force",
            description =
                    "Remove the publication, the role and an idle slot of these names even if flameup-sync did not create them;"
                            + " a role that owns objects or has other rights stays, with its earlier rights")
    private boolean force;

    @Override
    protected ExitCode execute() {
        PreviewSettings settings = printSql || admin.isGiven()
                ? options().settingsWithoutSecrets()
                : options().previewSettings();
        if (printSql) {
            PrintWriter out = StandardOutput.utf8();
            out.print(new Installation(settings, null).teardownSql(slotOnly));
            StandardOutput.requireWritten(out);
        } else {
            tearDown(settings);
        }
        return ExitCode.DONE;
    }

    private void tearDown(PreviewSettings settings) {
        PrintWriter out = out();
        Installation installation = new Installation(
                settings, admin.of(settings.postgres(), options()).orElse(null));
        Path state = options().stateDirectory();
        boolean found = installation.teardown(state, slotOnly, force, this::confirms, line -> report(out, line));
        if (!found) {
            report(out, "There is nothing to remove");
        }
        if (!slotOnly && Files.exists(state)) {
            report(out, "The state directory stays; rm -r %s removes it".formatted(ShellWord.of(state.toString())));
        }
    }

    private void report(PrintWriter out, String line) {
        if (!options().quiet()) {
            out.println(PlainText.of(line));
            out.flush();
        }
    }

    private boolean confirms(List<String> things) {
        String all = PlainText.of(String.join(", ", things));
        Confirmation.requirePossible(options(), "remove " + all);
        if (!Confirmation.isGiven(options(), "Remove %s?".formatted(all))) {
            throw new Fault(ExitCode.USAGE, "not confirmed, so nothing was removed");
        }
        return true;
    }
}
