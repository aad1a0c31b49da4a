package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.delivery.Outcome;
import ai.flameup.sync.delivery.PeoplePaths;
import ai.flameup.sync.delivery.Told;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.SingleSend;
import ai.flameup.sync.ops.SingleSend.Attempt;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "try",
        description = {
            "Sends one person and shows the answer, also beside a run. Nothing of it is recorded: a dead letter stays.",
            "Where the row has changed by the time of the answer, its newer state is sent as well."
        })
public final class TryCommand extends Subcommand {
    @Option(
            names = "--id",
            paramLabel = "ID",
            required = true,
            description = "the person, by the column mapping.user-id: what Flameup calls userId")
    private String id = "";

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException, InterruptedException {
        Settings settings = options().settings();
        String path = PeoplePaths.of(
                        settings.flameup().baseUrl(), settings.flameup().workspace())
                .upsert();
        Attempt last =
                json ? json(settings, path) : plain(settings, path, options().quiet());
        throwUnlessDelivered(last.told());
        return ExitCode.DONE;
    }

    private Attempt plain(Settings settings, String path, boolean quiet) throws InterruptedException {
        AttemptText text = new AttemptText(StandardOutput.utf8(), path);
        try (SingleSend trial = new SingleSend(settings, quiet ? attempt -> {} : text::print)) {
            return trial.send(id);
        }
    }

    private Attempt json(Settings settings, String path) throws IOException, InterruptedException {
        AttemptJson document = new AttemptJson(out(), path);
        try (SingleSend trial = new SingleSend(settings, document::add)) {
            return trial.send(id);
        } finally {
            document.print();
        }
    }

    /** Without the words of the API, which may hold what was sent, and belong on standard output. */
    private static void throwUnlessDelivered(Told told) {
        if (told.outcome() instanceof Outcome.Failed failed) {
            throw new Fault(
                    ExitCode.FLAMEUP,
                    failed.status() == 0
                            ? "Flameup: " + failed.reason()
                            : "Flameup fails with status %s; try again later".formatted(failed.status()));
        }
        if (told.outcome() instanceof Outcome.Refused refused) {
            throw new Fault(
                    ExitCode.REFUSED,
                    refused.status() < 400
                            ? "Flameup answers with a redirect, which is not followed (%s); put the right address into flameup.base-url"
                                    .formatted(refused.reason())
                            : "Flameup refuses with status %s; check flameup.token, its permissions, flameup.workspace and flameup.base-url"
                                    .formatted(refused.status()));
        }
        if (told.outcome() instanceof Outcome.Rejected rejected) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "Flameup refuses this person with status %s; a run would park it as a dead letter"
                            .formatted(rejected.status()));
        }
    }
}
