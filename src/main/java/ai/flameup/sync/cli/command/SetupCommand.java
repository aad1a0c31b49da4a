package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.input.AdminLogin;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.config.PreviewSettings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.Installation;
import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "setup",
        description = {
            "Makes what is missing in the database: the role and its rights, the publication, and last the replication slot.",
            "What is there and right stays as it is."
        })
public final class SetupCommand extends Subcommand {
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
    protected ExitCode execute() throws InterruptedException {
        if (printSql) {
            print();
        } else {
            setUp();
        }
        return ExitCode.DONE;
    }

    private void setUp() throws InterruptedException {
        PrintWriter out = out();
        PreviewSettings settings = options().previewSettings();
        Installation installation = new Installation(
                settings, admin.of(settings.postgres(), options()).orElse(null));
        CountDownLatch stop = new CountDownLatch(1);
        options().signals().handle(stop::countDown, () -> {});
        installation.setup(
                limitColumns,
                force,
                line -> {
                    if (!options().quiet()) {
                        out.println(PlainText.of(line));
                        out.flush();
                    }
                },
                () -> stop.getCount() == 0);
    }

    private void print() {
        PreviewSettings settings = settingsToPrint();
        Installation installation = new Installation(
                settings, admin.of(settings.postgres(), options()).orElse(null));
        PrintWriter out = StandardOutput.utf8();
        PrintWriter err = err();
        out.print(installation.setupSql(
                limitColumns, remark -> err.println("flameup-sync: attention: " + PlainText.of(remark))));
        StandardOutput.requireWritten(out);
    }

    /** Whoever prints may have no password: the role is still to be made. */
    private PreviewSettings settingsToPrint() {
        try {
            return options().previewSettings();
        } catch (Fault incomplete) {
            return options().settingsWithoutSecrets();
        }
    }
}
