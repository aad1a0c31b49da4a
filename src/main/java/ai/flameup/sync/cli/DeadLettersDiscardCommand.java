package ai.flameup.sync.cli;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.StateStore;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "discard",
        description = "Forgets dead letters: nothing of them is sent but what a retry has read already.")
final class DeadLettersDiscardCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable DeadLettersCommand parent;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final LetterChoice choice = new LetterChoice();

    @Override
    public Integer call() {
        DeadLettersCommand letters = Objects.requireNonNull(parent, "picocli sets the parent");
        Main main = letters.main();
        choice.check();
        if (!main.yes() && !Terminal.isThere()) {
            throw new Fault(
                    ExitCode.USAGE,
                    "nobody can be asked here whether to discard: give --yes to do it without a question");
        }
        PrintWriter out = Objects.requireNonNull(spec, "picocli sets the spec")
                .commandLine()
                .getOut();
        try (StateStore store = StateStore.openBeside(letters.stateDirectory())) {
            long count = choice.count(store);
            if (count > 0 && !main.yes() && !Terminal.agrees("Discard %s?".formatted(Letters.many(count)))) {
                out.println("Nothing was discarded");
                return ExitCode.DONE.code();
            }
            long discarded = choice.all()
                    ? store.deadLetters().discardAll()
                    : store.deadLetters().discard(choice.in(store));
            if (!main.quiet()) {
                out.println("Discarded " + Letters.many(discarded));
            }
        }
        return ExitCode.DONE.code();
    }
}
