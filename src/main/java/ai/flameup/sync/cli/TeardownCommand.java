package ai.flameup.sync.cli;

import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.fault.ShellWord;
import ai.flameup.sync.ops.Installation;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "teardown",
        description = {
            "Removes what setup has made in the database: first the replication slot, then the publication, the rights and the"
                    + " role.",
            "What was there before is left, and so is the state directory."
        })
final class TeardownCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Spec
    private @Nullable CommandSpec spec;

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
    public Integer call() {
        Main parent = Objects.requireNonNull(main, "picocli sets the parent");
        PreviewSettings settings = printSql || admin.isGiven()
                ? SettingsFile.withoutSecrets(parent.config(), parent.environment())
                : SettingsFile.preview(parent.config(), parent.environment());
        if (printSql) {
            PrintWriter out = StandardOutput.utf8();
            out.print(new Installation(settings, null).teardownSql(slotOnly));
            StandardOutput.requireWritten(out);
        } else {
            tearDown(parent, settings);
        }
        return ExitCode.DONE.code();
    }

    private void tearDown(Main parent, PreviewSettings settings) {
        PrintWriter out = Objects.requireNonNull(spec, "picocli sets the spec")
                .commandLine()
                .getOut();
        Installation installation =
                new Installation(settings, admin.of(settings.postgres(), parent).orElse(null));
        Path state = SettingsFile.stateDirectory(parent.config(), parent.environment());
        boolean found =
                installation.teardown(state, slotOnly, force, things -> agrees(parent, things), line -> say(out, line));
        if (!found) {
            say(out, "Nothing is there to be removed");
        }
        if (!slotOnly && Files.exists(state)) {
            say(out, "The state directory is left; rm -r %s removes it".formatted(ShellWord.of(state.toString())));
        }
    }

    private void say(PrintWriter out, String line) {
        if (!Objects.requireNonNull(main, "picocli sets the parent").quiet()) {
            out.println(PlainText.of(line));
            out.flush();
        }
    }

    private static boolean agrees(Main parent, List<String> things) {
        String all = PlainText.of(String.join(", ", things));
        if (!parent.yes() && !Terminal.isThere()) {
            throw new Fault(
                    ExitCode.USAGE,
                    "nobody can be asked here whether to remove %s: give --yes to do it without a question"
                            .formatted(all));
        }
        return parent.yes() || Terminal.agrees("Remove %s?".formatted(all));
    }
}
