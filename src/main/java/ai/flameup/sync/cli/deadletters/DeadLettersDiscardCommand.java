package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.state.StateStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "discard",
        description = "Drop dead letters without sending them; rows that a retry has already read are still sent")
final class DeadLettersDiscardCommand extends Subcommand {
    @Mixin
    private final LetterChoice choice = new LetterChoice();

    @Override
    protected ExitCode execute() {
        choice.check();
        Confirmation.requirePossible(options(), "discard dead letters");
        try (StateStore store = StateStore.openShared(options().stateDirectory())) {
            long count = choice.count(store);
            if (count > 0 && !Confirmation.isGiven(options(), "Discard %s?".formatted(Letters.count(count)))) {
                out().println("Nothing was discarded");
                return ExitCode.DONE;
            }
            long discarded = choice.all()
                    ? store.deadLetters().discardAll()
                    : store.deadLetters().discard(choice.in(store));
            messages().println("Discarded " + Letters.count(discarded));
        }
        return ExitCode.DONE;
    }
}
