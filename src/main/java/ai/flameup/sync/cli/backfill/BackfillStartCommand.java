package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Requester;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.BackfillPlan;
import ai.flameup.sync.ops.DelegatedTask;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.Backfill.State;
import ai.flameup.sync.state.StateDirectory;
import ai.flameup.sync.state.StateStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Leaves the request in the store, and stays until it is done: by the run that is active, or by itself. */
@Command(
        name = "start",
        description = "Sends rows again, in their newest state, and stays until every one of them is settled.")
final class BackfillStartCommand extends Subcommand {
    @Mixin
    private final RowChoice choice = new RowChoice();

    @Option(names = "--dry-run", description = "say how much it would be, and change nothing")
    private boolean dryRun;

    @Option(names = "--detach", description = "leave the request, and do not stay")
    private boolean detach;

    @Option(names = "--json", description = "with --dry-run: print one JSON document")
    private boolean json;

    @Override
    protected ExitCode execute() throws InterruptedException, IOException {
        choice.check();
        if (json && !dryRun) {
            throw new Fault(ExitCode.USAGE, "--json goes with --dry-run");
        }
        Settings settings = options().settings();
        PrintWriter out = messages();
        BackfillPlan plan = choice.plan(settings);
        if (dryRun) {
            PlanReport report = new PlanReport(plan, settings.maxRetainedWal());
            if (json) {
                report.json(out());
            } else {
                report.text(out);
            }
            return ExitCode.DONE;
        }
        boolean missing = plan.missingCount() > 0;
        if (missing) {
            err().println("flameup-sync: no row for %s".formatted(named(plan)));
        }
        if (plan.rows().equals(OptionalLong.of(0)) && plan.kind() == Backfill.Kind.IDS) {
            throw new Fault(ExitCode.ATTENTION, "none of the ids has a row, so nothing was asked for");
        }
        DelegatedTask.makeStore(settings);
        Requesting requesting = new Requesting(plan.rows(), store -> plan.request(settings, store, Requester.name()));
        ExitCode code = detach ? left(requesting, options().stateDirectory(), out) : followed(requesting, out);
        return code == ExitCode.DONE && missing ? ExitCode.ATTENTION : code;
    }

    private static String named(BackfillPlan plan) {
        long more = plan.missingCount() - plan.missing().size();
        return plan.missing().stream().map(PlainText::of).collect(Collectors.joining(", "))
                + (more > 0 ? " and %s more".formatted(more) : "");
    }

    /** The request, and how many rows it is about. What it holds may be large, and is let go once it has been made. */
    private static final class Requesting {
        private final OptionalLong rows;
        private @Nullable Function<StateStore, Backfill> request;

        Requesting(OptionalLong rows, Function<StateStore, Backfill> request) {
            this.rows = rows;
            this.request = request;
        }

        Backfill make(Path directory) {
            Function<StateStore, Backfill> once = Objects.requireNonNull(request, "it is made once");
            request = null;
            try (StateStore store = StateStore.openBeside(directory)) {
                return once.apply(store);
            }
        }
    }

    private static ExitCode left(Requesting requesting, Path directory, PrintWriter out) {
        Backfill asked = requesting.make(directory);
        out.println("Backfill %s is asked for: %s does it"
                .formatted(
                        asked.id(),
                        StateDirectory.holder(directory)
                                .map("the run that is active (pid %s)"::formatted)
                                .orElse("the next run")));
        return ExitCode.DONE;
    }

    private ExitCode followed(Requesting requesting, PrintWriter out) throws InterruptedException {
        Path directory = options().stateDirectory();
        try (DelegatedTask errand = DelegatedTask.begin(directory, options()::settings)) {
            options().signals().handle(errand::stop, errand::stop);
            Backfill asked = requesting.make(directory);
            Optional<String> worker = errand.worker();
            out.println(worker.map(
                            pid -> "Backfill %s: the run that is active (pid %s) does it".formatted(asked.id(), pid))
                    .orElseGet(() -> "Backfill %s: no run is active, doing it from here".formatted(asked.id())));
            ExitCode code = follow(errand, directory, asked, requesting.rows, out);
            Backfill now = look(directory, asked);
            return now.state().isEnd() || now.state() == State.PAUSED
                    ? BackfillResult.report(now, code, options(), out, err())
                    : interrupted(now, errand, code, err());
        }
    }

    private static ExitCode follow(
            DelegatedTask errand, Path directory, Backfill asked, OptionalLong rows, PrintWriter out)
            throws InterruptedException {
        try (BackfillProgress progress = new BackfillProgress(asked.id(), rows, out, () -> look(directory, asked))) {
            progress.start();
            return errand.await(store -> store.backfills()
                    .one(asked.id())
                    .filter(one -> one.state().isEnd() || one.state() == State.PAUSED)
                    .isPresent());
        } catch (Fault fault) {
            List<String> problems = new ArrayList<>(fault.problems());
            problems.add("backfill %s stays in the store: the next run goes on with it".formatted(asked.id()));
            throw new Fault(fault.exitCode(), problems, fault);
        }
    }

    private static Backfill look(Path directory, Backfill asked) {
        try (StateStore store = StateStore.openBeside(directory)) {
            return store.backfills().one(asked.id()).orElse(asked);
        }
    }

    private static ExitCode interrupted(Backfill backfill, DelegatedTask errand, ExitCode code, PrintWriter err) {
        err.println("flameup-sync: interrupted; backfill %s %s"
                .formatted(
                        backfill.id(),
                        errand.worker()
                                .map("goes on in the run that is active (pid %s)"::formatted)
                                .orElse("stays in the store, and the next run goes on with it")));
        return code == ExitCode.DONE || code == ExitCode.ATTENTION ? ExitCode.TRY_LATER : code;
    }
}
