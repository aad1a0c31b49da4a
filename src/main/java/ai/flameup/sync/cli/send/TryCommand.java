package ai.flameup.sync.cli.send;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.delivery.PeoplePaths;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.ResponseDetails;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.OutcomeFaults;
import ai.flameup.sync.ops.SingleSend;
import ai.flameup.sync.ops.SingleSend.Attempt;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "try",
        description = {
            "Send one person and show the response, also while a run is active. The store is not changed: a dead letter stays.",
            "If the row changes before the response, its newer state is sent as well."
        })
public final class TryCommand extends Subcommand {
    @Option(
            names = "--id",
            paramLabel = "ID",
            required = true,
            description = "Send the person with this value in the column of mapping.user-id")
    private String id = "";

    @Option(names = "--json", description = "Print one JSON document")
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
        try (SingleSend send = new SingleSend(settings, quiet ? attempt -> {} : text::print)) {
            return send.send(id);
        }
    }

    private Attempt json(Settings settings, String path) throws IOException, InterruptedException {
        AttemptJson document = new AttemptJson(out(), path);
        try (SingleSend send = new SingleSend(settings, document::add)) {
            return send.send(id);
        } finally {
            document.print();
        }
    }

    /** Without the text of the API, which may repeat sent values and belongs on standard output. */
    private static void throwUnlessDelivered(ResponseDetails told) {
        if (told.outcome() instanceof Outcome.Failed failed) {
            throw OutcomeFaults.of(failed);
        }
        if (told.outcome() instanceof Outcome.Refused refused) {
            throw OutcomeFaults.of(refused);
        }
        if (told.outcome() instanceof Outcome.Rejected rejected) {
            throw new Fault(
                    ExitCode.ATTENTION,
                    "Flameup refused this person with status %s. A run would park it as a dead letter"
                            .formatted(rejected.status()));
        }
    }
}
