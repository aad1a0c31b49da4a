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
            "Create what is missing in the database: the role and its rights, the publication, and then the replication slot.",
            "Objects that exist and are correct stay unchanged."
        })
public final class SetupCommand extends Subcommand {
    @Mixin
    private final AdminLogin admin = new AdminLogin();

    @Option(names = "--print-sql", description = "Print the SQL for an administrator, and change nothing")
    private boolean printSql;

    @Option(
            names = "--limit-columns",
            description = "Publish only the mapped columns; a migration that drops or retypes one of them then fails")
    private boolean limitColumns;

    @Option(
            names = "--force",
            description = "Replace a publication or an idle slot of the same name that flameup-sync did not create")
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

    /** Without secrets if they are missing: the role may not exist yet. */
    private PreviewSettings settingsToPrint() {
        try {
            return options().previewSettings();
        } catch (Fault incomplete) {
            return options().settingsWithoutSecrets();
        }
    }
}
