package ai.flameup.sync.cli.command;

import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.fault.ShellWord;
import ai.flameup.sync.init.Draft;
import ai.flameup.sync.init.MappingProposal;
import ai.flameup.sync.init.ProposedTrait;
import ai.flameup.sync.init.TableAssessment;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The result of {@code init} and the next steps, as text. */
final class InitReport {
    private final PrintWriter out;

    InitReport(PrintWriter out) {
        this.out = out;
    }

    /**
     * @param found whether other commands find the file without {@code --config}
     * @param throughAdmin whether the role of the sidecar may not exist yet
     */
    void print(Path file, boolean found, Draft draft, TableAssessment assessment, boolean throughAdmin) {
        line("Wrote %s for %s in %s"
                .formatted(file, draft.table(), draft.server().source()));
        out.println();
        print(draft.mapping());
        if (!draft.server().unknown().isEmpty()) {
            line("left out parameters of the URL that the driver does not know: "
                    + String.join(", ", draft.server().unknown()));
        }
        if (assessment.bySuperuser()) {
            line(
                    ("role      %s is a superuser, and the sidecar needs much less. With --username flameup_sync --admin-url URL,"
                                    + " setup creates a role with the least rights")
                            .formatted(draft.role().name()));
        }
        if (!assessment.beforeRun().isEmpty()) {
            out.println();
            out.println("Before the first run:");
            assessment.beforeRun().forEach(problem -> line("  " + problem));
        }
        out.println();
        out.println("Next:");
        if (draft.role().hasPassword()) {
            line("  export PGPASSWORD=...     # "
                    + (throughAdmin ? "choose a password for %s; setup sets it" : "the password of %s")
                            .formatted(draft.role().name()));
        }
        line("  export FLAMEUP_TOKEN=...  # an API key of workspace "
                + draft.destination().workspace());
        String config = found ? "" : " --config " + ShellWord.of(file.toString());
        line("  flameup-sync setup" + config
                + (throughAdmin ? " --admin-url URL" : "")
                + "   # creates role, rights, publication and slot; see --help for an administrator's options");
        line("  flameup-sync doctor" + config + "   # checks every precondition, with remedies");
        line("  flameup-sync preview" + config + "   # prints the requests for the first rows");
        line("  flameup-sync try" + config + " --id ID   # sends one person");
        line("  flameup-sync run" + config);
        if (draft.server().password() != null) {
            out.println();
            out.println("The URL contained the password, which is not in the file. Other users can see a command line."
                    + " Pass the password in $PGPASSWORD.");
        }
        out.flush();
    }

    private void print(MappingProposal mapping) {
        line("user-id   %s: %s"
                .formatted(mapping.userId().column(), mapping.userId().why()));
        if (mapping.where() != null) {
            line("where     %s: only these rows are sent; one that no longer meets it counts as deleted (on-delete)"
                    .formatted(mapping.where()));
        }
        line("email     "
                + (mapping.email() == null ? "none: no column has the name of an email address" : mapping.email()));
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

    /** The text contains names from the database. */
    private void line(String text) {
        String plain = PlainText.of(text);
        out.println(" ".repeat(text.length() - text.stripLeading().length()) + plain);
    }
}
