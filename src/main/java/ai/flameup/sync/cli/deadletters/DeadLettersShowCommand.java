package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.ShellWord;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.DeadLetter;
import ai.flameup.sync.state.pending.Retry;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "Show one dead letter with its whole reason")
final class DeadLettersShowCommand extends Subcommand {
    @Parameters(paramLabel = "ID", description = "Select the dead letter by its id, see dead-letters list")
    private long id;

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException {
        PrintWriter out = out();
        try (StateStore store = StateStore.openShared(options().stateDirectory())) {
            DeadLetter letter = store.deadLetters().one(id).orElseThrow(() -> LetterChoice.unknown(List.of(id)));
            if (json) {
                LetterJson printer = new LetterJson(out);
                printer.print(List.of(letter));
                printer.end();
            } else {
                print(letter, store.deadLetters().retryOf(id), out);
                if (!letter.userId().isEmpty()) {
                    String preview = "flameup-sync preview --id " + ShellWord.of(letter.userId());
                    out.println("To preview the request for its row, run: "
                            + options().complete(preview));
                }
            }
        }
        return ExitCode.DONE;
    }

    private static void print(DeadLetter letter, Optional<Retry> retry, PrintWriter out) {
        out.println("Dead letter " + letter.id());
        field(out, "User", letter.userId().isEmpty() ? "unknown" : letter.userId());
        field(out, "Row's key", key(letter.key()));
        field(out, "When", letter.at().toString());
        field(out, "Status", letter.isAnswered() ? Integer.toString(letter.status()) : "none: " + letter.outcome());
        field(out, "Attempts", Integer.toString(letter.attempts()));
        field(out, "Request", letter.requestId() == null ? "unknown" : letter.requestId());
        retry.ifPresent(pending -> field(
                out,
                "Retry",
                "requested by %s at %s, not done yet"
                        .formatted(pending.requested().by(), pending.requested().at())));
        out.println("Reason:");
        letter.reason().lines().forEach(line -> out.println("  " + PlainText.of(line)));
        out.flush();
    }

    private static String key(@Nullable RowKey key) {
        return key == null
                ? "unknown, so it cannot be sent again alone"
                : key.values().stream().collect(Collectors.joining(", "));
    }

    private static void field(PrintWriter out, String name, String value) {
        out.println("%-11s%s".formatted(name + ":", PlainText.of(value)));
    }
}
