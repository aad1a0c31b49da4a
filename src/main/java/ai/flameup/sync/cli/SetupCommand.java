package ai.flameup.sync.cli;

import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.Installation;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "setup",
        description = {
            "Makes what is missing in the database: the role and its rights, the publication, and last the replication slot.",
            "What is there and right stays as it is."
        })
final class SetupCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final AdminLogin admin = new AdminLogin();

    @Option(names = "--print-sql", description = "print the SQL for an administrator instead, and change nothing")
    private boolean printSql;

    @Option(
            names = "--limit-columns",
            description = "publish the mapped columns alone; migrations that drop or retype one of them then fail")
    private boolean limitColumns;

    @Option(
            names = "--force",
            description = "replace a publication or an idle slot of the same name that flameup-sync did not make")
    private boolean force;

    @Override
    public Integer call() throws InterruptedException {
        Main parent = Objects.requireNonNull(main, "picocli sets the parent");
        if (printSql) {
            print(parent);
        } else {
            setUp(parent);
        }
        return ExitCode.DONE.code();
    }

    private void setUp(Main parent) throws InterruptedException {
        PrintWriter out = Objects.requireNonNull(spec, "picocli sets the spec")
                .commandLine()
                .getOut();
        PreviewSettings settings = SettingsFile.preview(parent.config(), parent.environment());
        Installation installation =
                new Installation(settings, admin.of(settings.postgres(), parent).orElse(null));
        CountDownLatch stop = new CountDownLatch(1);
        parent.signals().handle(stop::countDown, () -> {});
        installation.setup(
                limitColumns,
                force,
                line -> {
                    if (!parent.quiet()) {
                        out.println(PlainText.of(line));
                        out.flush();
                    }
                },
                () -> stop.getCount() == 0);
    }

    private void print(Main parent) {
        CommandSpec self = Objects.requireNonNull(spec, "picocli sets the spec");
        PreviewSettings settings = settingsToPrint(parent);
        Installation installation =
                new Installation(settings, admin.of(settings.postgres(), parent).orElse(null));
        PrintWriter out = StandardOutput.utf8();
        PrintWriter err = self.commandLine().getErr();
        out.print(installation.setupSql(
                limitColumns, remark -> err.println("flameup-sync: attention: " + PlainText.of(remark))));
        StandardOutput.requireWritten(out);
    }

    /** Whoever prints may have no password: the role is still to be made. */
    private static PreviewSettings settingsToPrint(Main parent) {
        try {
            return SettingsFile.preview(parent.config(), parent.environment());
        } catch (Fault incomplete) {
            return SettingsFile.withoutSecrets(parent.config(), parent.environment());
        }
    }
}
