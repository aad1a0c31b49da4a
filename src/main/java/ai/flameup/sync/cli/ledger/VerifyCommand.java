package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.cli.backfill.BackfillFollower;
import ai.flameup.sync.cli.input.Requester;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.cli.output.Ticker;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.ops.ledger.Verification;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares first; sends only with {@code --repair}, by backfills that the active run or this process does. */
@Command(
        name = "verify",
        description = {
            "Compare every row with what Flameup has accepted from this sidecar, and every delivered person with its row.",
            "Reads the table and the local store, and sends nothing. It cannot see edits that were made in Flameup."
        })
public final class VerifyCommand extends Subcommand {
    @Option(
            names = "--repair",
            description = "Send the rows that differ, and handle persons without a row by mapping.on-delete")
    private boolean repair;

    @Option(names = "--gone", description = "List the ids of delivered persons whose row is gone")
    private boolean gone;

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws IOException, InterruptedException {
        if (json && repair) {
            throw new Fault(ExitCode.USAGE, "--json and --repair exclude each other. Pass one of them");
        }
        Settings settings = options().settings();
        PrintWriter out = out();
        VerifyReport printer = new VerifyReport(options().quiet() && !json ? messages() : out, json, gone);
        Verification verification = new Verification(settings);
        options().signals().handle(verification::stop, verification::stop);
        Verification.Report report = verify(verification, printer::gone);
        printer.end(report, !repair && settings.mapping().onDelete() != OnDelete.IGNORE);
        StandardOutput.requireWritten(out);
        List<Function<Path, Backfill>> requests =
                requests(report, settings.mapping().onDelete());
        if (repair && !requests.isEmpty()) {
            return new BackfillFollower(options(), OptionalLong.of(report.rows()), messages(), err()).follow(requests);
        }
        return report.isDifferent() || report.deadLetters() > 0 || !requests.isEmpty()
                ? ExitCode.ATTENTION
                : ExitCode.DONE;
    }

    private Verification.Report verify(Verification verification, Consumer<String> goneIds)
            throws InterruptedException {
        AtomicReference<Verification.@Nullable Report> report = new AtomicReference<>();
        PrintWriter progress = json || !Terminal.isPresent() ? new PrintWriter(PrintWriter.nullWriter()) : messages();
        ExitCode code = new Ticker(
                        progress,
                        Terminal.isPresent(),
                        () -> String.format(Locale.ROOT, "%,d rows compared", verification.progress()))
                .during(() -> {
                    report.set(verification.run(goneIds));
                    return ExitCode.DONE;
                });
        Verification.Report done = report.get();
        if (done == null) {
            throw new IllegalStateException("ended with " + code + " and without a report");
        }
        return done;
    }

    private static List<Function<Path, Backfill>> requests(Verification.Report report, OnDelete onDelete) {
        List<Function<Path, Backfill>> requests = new ArrayList<>();
        if (report.isDifferent()) {
            requests.add(directory -> request(directory, Backfill.Kind.ALL));
        }
        if (report.gone() > 0 && onDelete != OnDelete.IGNORE) {
            requests.add(directory -> request(directory, Backfill.Kind.GONE));
        }
        return requests;
    }

    private static Backfill request(Path directory, Backfill.Kind kind) {
        try (StateStore store = StateStore.openShared(directory)) {
            return store.backfills().add(new Backfill.Scope(kind, null, true), Requester.name());
        }
    }
}
