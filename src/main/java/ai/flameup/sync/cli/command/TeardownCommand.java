package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.AdminLogin;
import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.fault.ExitCode;
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
            "Removes what setup has made in the database: first the replication slot, then the publication, the rights and the"
                    + " role.",
            "What was there before is left, and so is the state directory."
        })
public final class TeardownCommand extends Subcommand {
    @Mixin
    private final AdminLogin admin = new AdminLogin();

    @Option(names = "--print-sql", description = "print the SQL for an administrator instead, and change nothing")
    private boolean printSql;

    @Option(names = "--slot-only", description = "remove the slot alone, which holds back WAL")
    private boolean slotOnly;

    @Option(
            names = "--force",
            description =
                    "remove the publication, the role and an idle slot of these names also where flameup-sync did not make them;"
                            + " a role that owns something or has other rights stays, with what it had before")
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
        boolean found = installation.teardown(state, slotOnly, force, this::confirms, line -> say(out, line));
        if (!found) {
            say(out, "Nothing is there to be removed");
        }
        if (!slotOnly && Files.exists(state)) {
            say(out, "The state directory is left; rm -r %s removes it".formatted(ShellWord.of(state.toString())));
        }
    }

    private void say(PrintWriter out, String line) {
        if (!options().quiet()) {
            out.println(PlainText.of(line));
            out.flush();
        }
    }

    private boolean confirms(List<String> things) {
        String all = PlainText.of(String.join(", ", things));
        Confirmation.requirePossible(options(), "remove " + all);
        return Confirmation.isGiven(options(), "Remove %s?".formatted(all));
    }
}
