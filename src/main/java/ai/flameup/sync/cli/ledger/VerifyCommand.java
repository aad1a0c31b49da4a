package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.cli.backfill.BackfillFollower;
import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.cli.input.Requester;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.cli.output.StandardOutput;
import ai.flameup.sync.cli.output.Ticker;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.mapping.MappingSettings.OnDelete;
import ai.flameup.sync.ops.ledger.RemoteReport;
import ai.flameup.sync.ops.ledger.RemoteVerification;
import ai.flameup.sync.ops.ledger.Verification;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares first; sends only with {@code --repair}, by backfills that the active run or this process does. */
@Command(
        name = "verify",
        description = {
            "Compare every row with what Flameup has accepted from this sidecar, and every delivered person with its row.",
            "Without --repair it sends nothing. Only --remote sees edits that were made in Flameup."
        })
public final class VerifyCommand extends Subcommand {
    @Option(
            names = "--repair",
            description = "Send the rows that differ, and handle persons without a row by mapping.on-delete")
    private boolean repair;

    @Option(names = "--gone", description = "List the ids of delivered persons whose row is gone")
    private boolean gone;

    @Option(
            names = "--remote",
            description = {
                "Compare with what Flameup itself returns.",
                "Reads its list of persons within the budget, and leaves a fifth of each window to an active run"
            })
    private boolean remote;

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "With --remote, compare only N random rows, by one request each, instead of the whole list")
    private @Nullable Integer sample;

    @Option(names = "--json", description = "Print one JSON document")
    private boolean json;

    private interface Work<T> {
        T run() throws InterruptedException;
    }

    @Override
    protected ExitCode execute() throws IOException, InterruptedException {
        requireCombination();
        if (remote) {
            return verifyRemotely(new RemoteVerification(options().settings()));
        }
        return verifyLocally();
    }

    private void requireCombination() {
        if (remote && (repair || gone)) {
            throw new Fault(
                    ExitCode.USAGE,
                    "--remote excludes --repair and --gone. Pass --remote alone or with --sample and --json");
        }
        if (sample != null && !remote) {
            throw new Fault(ExitCode.USAGE, "--sample needs --remote. Pass both");
        }
        if (sample != null && (sample < 1 || sample > RemoteVerification.MAX_SAMPLE)) {
            throw new Fault(
                    ExitCode.USAGE,
                    "--sample must be from 1 to %s, not %s".formatted(RemoteVerification.MAX_SAMPLE, sample));
        }
        if (json && repair) {
            throw new Fault(ExitCode.USAGE, "--json and --repair exclude each other. Pass one of them");
        }
    }

    private ExitCode verifyRemotely(RemoteVerification verification) throws IOException, InterruptedException {
        options().signals().handle(verification::stop, verification::stop);
        OptionalInt size = sample == null ? OptionalInt.empty() : OptionalInt.of(sample);
        RemoteReport report = during(
                () -> String.format(
                        Locale.ROOT,
                        "%,d persons compared, %,d requests",
                        verification.compared(),
                        verification.requests()),
                () -> verification.run(size));
        PrintWriter out = options().quiet() && !json ? messages() : out();
        RemoteVerifyReport printer = new RemoteVerifyReport(out);
        if (json) {
            printer.json(report);
        } else {
            printer.text(report);
        }
        StandardOutput.requireWritten(out);
        return report.isDifferent() ? ExitCode.ATTENTION : ExitCode.DONE;
    }

    private ExitCode verifyLocally() throws IOException, InterruptedException {
        Settings settings = options().settings();
        PrintWriter out = out();
        VerifyReport printer = new VerifyReport(options().quiet() && !json ? messages() : out, json, gone);
        Verification verification = new Verification(settings);
        options().signals().handle(verification::stop, verification::stop);
        Verification.Report report = during(
                () -> String.format(Locale.ROOT, "%,d rows compared", verification.progress()),
                () -> verification.run(printer::gone));
        boolean handlesGone = report.gone() > 0 && settings.mapping().onDelete() != OnDelete.IGNORE;
        printer.end(report, !repair && (report.isDifferent() || handlesGone));
        StandardOutput.requireWritten(out);
        if (repair && handlesGone && !isConfirmed(report)) {
            out.println("Nothing was sent");
            return ExitCode.ATTENTION;
        }
        List<Function<Path, Backfill>> requests =
                requests(report, settings.mapping().onDelete());
        if (repair && !requests.isEmpty()) {
            return new BackfillFollower(options(), OptionalLong.of(report.rows()), messages(), err()).follow(requests);
        }
        return report.isDifferent() || report.deadLetters() > 0 || !requests.isEmpty()
                ? ExitCode.ATTENTION
                : ExitCode.DONE;
    }

    /** A table that was restored in part would mark every missing person. */
    private boolean isConfirmed(Verification.Report report) {
        Confirmation.requirePossible(options(), "mark persons as deleted");
        return Confirmation.isGiven(
                options(), String.format(Locale.ROOT, "Mark %,d persons as deleted at Flameup?", report.gone()));
    }

    /** Shows the progress while the work is done. */
    private <T> T during(Supplier<String> progress, Work<T> work) throws InterruptedException {
        AtomicReference<@Nullable T> report = new AtomicReference<>();
        PrintWriter out = json || !Terminal.isPresent() ? new PrintWriter(PrintWriter.nullWriter()) : messages();
        ExitCode code = new Ticker(out, Terminal.isPresent(), progress).during(() -> {
            report.set(work.run());
            return ExitCode.DONE;
        });
        T done = report.get();
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
