package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.fault.ShellWord;
import ai.flameup.sync.init.Draft;
import ai.flameup.sync.init.MappingProposal;
import ai.flameup.sync.init.MappingProposal.ProposedTrait;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code init} has done, and what comes next, for people. */
final class InitReport {
    private final PrintWriter out;

    InitReport(PrintWriter out) {
        this.out = out;
    }

    /**
     * @param found whether the other commands find the file without being told
     * @param beforeRun what has to be mended first
     * @param throughAdmin whether the role that runs is still to be made
     */
    void print(Path file, boolean found, Draft draft, List<String> beforeRun, boolean throughAdmin) {
        line("Wrote %s for %s in %s"
                .formatted(file, draft.table(), draft.server().source()));
        out.println();
        print(draft.mapping());
        if (!draft.server().unknown().isEmpty()) {
            line("parameters of the URL that the driver does not know were left out: "
                    + String.join(", ", draft.server().unknown()));
        }
        if (!beforeRun.isEmpty()) {
            out.println();
            out.println("Before the first run:");
            beforeRun.forEach(problem -> line("  " + problem));
        }
        out.println();
        out.println("Next:");
        if (draft.role().hasPassword()) {
            line("  export PGPASSWORD=...     # the password of " + draft.role().name());
        }
        line("  export FLAMEUP_TOKEN=...  # an API key of workspace "
                + draft.destination().workspace());
        String config = found ? "" : " --config " + ShellWord.of(file.toString());
        line("  flameup-sync doctor" + config + "   # what is missing, each with its remedy");
        line("  flameup-sync setup" + config
                + (throughAdmin ? " --admin-url URL" : "")
                + "   # makes role, rights, publication and slot; --help tells how an administrator may");
        line("  flameup-sync preview" + config + "   # what the first rows would become");
        line("  flameup-sync try" + config + " --id ID   # sends one person");
        line("  flameup-sync run" + config);
        if (draft.server().password() != null) {
            out.println();
            out.println("The URL held the password, which is not in the file. On a command line others may see it:"
                    + " $PGPASSWORD is taken as well.");
        }
        out.flush();
    }

    private void print(MappingProposal mapping) {
        line("user-id   %s: %s".formatted(mapping.userId(), mapping.why()));
        line("email     " + (mapping.email() == null ? "none: no column is called like an address" : mapping.email()));
        String mapped = mapping.traits().stream()
                .filter(trait -> trait.leftOut() == null)
                .map(ProposedTrait::column)
                .collect(Collectors.joining(", "));
        line("traits    " + (mapped.isEmpty() ? "none" : mapped));
        Iterator<String> heads = Stream.concat(Stream.of("left out  "), Stream.generate(() -> " ".repeat(10)))
                .iterator();
        mapping.traits().stream()
                .filter(trait -> trait.leftOut() != null)
                .forEach(trait -> line(heads.next() + trait.column() + ": " + trait.leftOut()));
    }

    /** Names of others are in it. */
    private void line(String text) {
        String plain = PlainText.of(text);
        out.println(" ".repeat(text.length() - text.stripLeading().length()) + plain);
    }
}
