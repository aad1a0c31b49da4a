package ai.flameup.sync.cli;

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
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Leaves the request in the store, and stays until it is done: by the run that is active, or by itself. */
@Command(
        name = "start",
        description = "Sends rows again, in their newest state, and stays until every one of them is settled.")
final class BackfillStartCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable BackfillCommand parent;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final RowChoice choice = new RowChoice();

    @Option(names = "--dry-run", description = "say how much it would be, and change nothing")
    private boolean dryRun;

    @Option(names = "--detach", description = "leave the request, and do not stay")
    private boolean detach;

    @Option(names = "--json", description = "with --dry-run: print one JSON document")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, IOException {
        BackfillCommand command = Objects.requireNonNull(parent, "picocli sets the parent");
        CommandSpec self = Objects.requireNonNull(spec, "picocli sets the spec");
        choice.check();
        if (json && !dryRun) {
            throw new Fault(ExitCode.USAGE, "--json goes with --dry-run");
        }
        Settings settings = command.settings();
        PrintWriter out = command.main().quiet()
                ? new PrintWriter(PrintWriter.nullWriter())
                : self.commandLine().getOut();
        PrintWriter err = self.commandLine().getErr();
        BackfillPlan plan = choice.plan(settings);
        if (dryRun) {
            PlanReport report = new PlanReport(plan, settings.maxRetainedWal());
            if (json) {
                report.json(self.commandLine().getOut());
            } else {
                report.text(out);
            }
            return ExitCode.DONE.code();
        }
        boolean missing = plan.missingCount() > 0;
        if (missing) {
            err.println("flameup-sync: no row for %s".formatted(named(plan)));
        }
        if (plan.rows().equals(OptionalLong.of(0)) && plan.kind() == Backfill.Kind.IDS) {
            throw new Fault(ExitCode.ATTENTION, "none of the ids has a row, so nothing was asked for");
        }
        DelegatedTask.makeStore(settings);
        Requesting requesting = new Requesting(plan.rows(), store -> plan.request(settings, store, Requester.name()));
        ExitCode code = detach
                ? left(requesting, command.stateDirectory(), out)
                : followed(requesting, command.stateDirectory(), command, out, err);
        return (code == ExitCode.DONE && missing ? ExitCode.ATTENTION : code).code();
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

    private static ExitCode followed(
            Requesting requesting, Path directory, BackfillCommand command, PrintWriter out, PrintWriter err)
            throws InterruptedException {
        try (DelegatedTask errand = DelegatedTask.begin(directory, command::settings)) {
            command.main().signals().handle(errand::stop, errand::stop);
            Backfill asked = requesting.make(directory);
            Optional<String> worker = errand.worker();
            out.println(worker.map(
                            pid -> "Backfill %s: the run that is active (pid %s) does it".formatted(asked.id(), pid))
                    .orElseGet(() -> "Backfill %s: no run is active, doing it from here".formatted(asked.id())));
            ExitCode code = follow(errand, directory, asked, requesting.rows, out);
            Backfill now = look(directory, asked);
            return now.state().isEnd() || now.state() == State.PAUSED
                    ? ended(now, code, out, err, command.main())
                    : interrupted(now, errand, code, err);
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

    static ExitCode ended(Backfill backfill, ExitCode code, PrintWriter out, PrintWriter err, Main main) {
        Backfill.Tally tally = backfill.tally();
        String rows = "%s rows read, %s sent, %s unchanged, %s parked, %s overtaken by newer changes"
                .formatted(tally.rows(), tally.sent(), tally.unchanged(), tally.parked(), tally.overtaken());
        switch (backfill.state()) {
            case DONE -> out.println("Backfill %s is done: %s".formatted(backfill.id(), rows));
            case PAUSED ->
                err.println(main.complete(
                        "flameup-sync: backfill %s was paused, with %s so far; `flameup-sync backfill resume %s` goes on with it"
                                .formatted(backfill.id(), rows, backfill.id())));
            case CANCELLED -> err.println("flameup-sync: backfill %s was cancelled: %s".formatted(backfill.id(), rows));
            default ->
                err.println("flameup-sync: backfill %s failed: %s (%s)"
                        .formatted(backfill.id(), PlainText.of(String.valueOf(backfill.reason())), rows));
        }
        if (tally.parked() > 0) {
            err.println(main.complete("flameup-sync: `flameup-sync dead-letters list` shows why rows were parked"));
        }
        return switch (backfill.state()) {
            case DONE -> tally.parked() > 0 ? ExitCode.ATTENTION : code;
            case PAUSED -> ExitCode.TRY_LATER;
            default -> ExitCode.ATTENTION;
        };
    }
}
