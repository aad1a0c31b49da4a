package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.ops.ledger.Forgetting;
import ai.flameup.sync.state.DeliveredPersons.Forgotten;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Asks first, because what the ledger knew cannot be restored. */
@Command(
        name = "forget",
        description = {
            "Remove a person whose row was deleted, or fails mapping.where, from the local store: ledger entry, dead letters,"
                    + " deferred rows.",
            "Flameup is not changed: delete the person there as well."
        })
public final class ForgetCommand extends Subcommand {
    @Parameters(paramLabel = "USER_ID", description = "Remove the person with this user id")
    private String userId = "";

    @Override
    protected ExitCode execute() throws InterruptedException {
        Confirmation.requirePossible(options(), "forget the person");
        String shown = PlainText.of(userId);
        if (!Confirmation.isGiven(options(), "Forget user %s?".formatted(shown))) {
            out().println("Nothing was removed");
            return ExitCode.DONE;
        }
        Forgotten removed = Forgetting.forget(options().settings(), userId);
        messages()
                .println(
                        removed.isAnything()
                                ? "Removed for user %s: ledger entries: %s, dead letters: %s, deferred rows: %s"
                                        .formatted(shown, removed.entries(), removed.deadLetters(), removed.keys())
                                : "No data is stored for user %s".formatted(shown));
        return ExitCode.DONE;
    }
}
