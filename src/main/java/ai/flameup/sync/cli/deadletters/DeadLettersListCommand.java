package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.DeadLetter;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reads and prints page by page, so that memory is bounded. */
@Command(name = "list", description = "List the dead letters in the order of their first refusal")
final class DeadLettersListCommand extends Subcommand {
    private static final int PAGE = 500;

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException {
        PrintWriter out = out();
        try (StateStore store = StateStore.openShared(options().stateDirectory())) {
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
        return ExitCode.DONE;
    }

    private static List<DeadLetter> after(List<DeadLetter> page, StateStore store) {
        return store.deadLetters().page(page.get(page.size() - 1).id(), PAGE);
    }
}
