package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.ledger.Explanation;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks Postgres and the local store, never Flameup. */
@Command(
        name = "explain",
        description = {
            "Show the row, request, delivery, deferred reads and dead letters of one person.",
            "Values are masked, so that the output can be shared."
        })
public final class ExplainCommand extends Subcommand {
    @Parameters(paramLabel = "USER_ID", description = "Show the person with this user id")
    private String userId = "";

    @Option(names = "--show-values", description = "Show the email address and the values of the traits")
    private boolean showValues;

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException {
        Explanation explanation = Explanation.of(options().settings(), userId);
        PrintWriter out = json ? out() : StandardOutput.utf8();
        if (json) {
            new ExplanationJson(out, showValues).print(explanation);
        } else {
            new ExplanationText(out, showValues).print(explanation);
        }
        out.flush();
        StandardOutput.requireWritten(out);
        if (!explanation.isKnown()) {
            throw new Fault(
                    ExitCode.ATTENTION, "user %s has no row, and was never delivered".formatted(PlainText.of(userId)));
        }
        return ExitCode.DONE;
    }
}
