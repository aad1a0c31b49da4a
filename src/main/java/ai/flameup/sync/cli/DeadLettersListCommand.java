package ai.flameup.sync.cli;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.state.DeadLetter;
import ai.flameup.sync.state.StateStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Page by page, however many there are. */
@Command(name = "list", description = "Lists the dead letters, in the order in which their persons were first refused.")
final class DeadLettersListCommand implements Callable<Integer> {
    private static final int PAGE = 500;

    @ParentCommand
    private @Nullable DeadLettersCommand parent;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        DeadLettersCommand letters = Objects.requireNonNull(parent, "picocli sets the parent");
        PrintWriter out = Objects.requireNonNull(spec, "picocli sets the spec")
                .commandLine()
                .getOut();
        try (StateStore store = StateStore.openBeside(letters.stateDirectory())) {
            LetterPrinter printer = json ? new LetterJson(out) : new LetterTable(out);
            for (List<DeadLetter> page = store.deadLetters().page(0, PAGE);
                    !page.isEmpty();
                    page = after(page, store)) {
                printer.print(page);
                StandardOutput.requireWritten(out);
            }
            printer.end();
            StandardOutput.requireWritten(out);
        }
        return ExitCode.DONE.code();
    }

    private static List<DeadLetter> after(List<DeadLetter> page, StateStore store) {
        return store.deadLetters().page(page.get(page.size() - 1).id(), PAGE);
    }
}
