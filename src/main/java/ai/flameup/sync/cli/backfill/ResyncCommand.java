package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.cli.input.Requester;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.cli.output.Ticker;
import ai.flameup.sync.config.Settings;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.DelegatedTask;
import ai.flameup.sync.ops.ResyncPlan;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Stores the request, then waits until every row is settled: by the active run, or by this process. */
@Command(
        name = "resync",
        description = {
            "Recover from a lost slot, a restored backup or a major upgrade:"
                    + " create a new slot, and send every row again.",
            "This version sends every row, changed or not. Persons whose rows were deleted in the gap are handled by mapping.on-delete."
        })
public final class ResyncCommand extends Subcommand {
    @Override
    protected ExitCode execute() throws InterruptedException {
        PrintWriter out = messages();
        Settings settings = options().settings();
        ResyncPlan plan = ResyncPlan.of(settings);
        new ResyncReport(plan, settings).text(out);
        out.flush();
        requireConfirmation();
        try (DelegatedTask task = DelegatedTask.begin(settings.stateDirectory(), options()::settings)) {
            options().signals().handle(task::stop, task::stop);
            Resync requested = request(plan, settings.stateDirectory());
            out.println(task.worker()
                    .map(pid -> "Resync %s: the active run (pid %s) does the work".formatted(requested.id(), pid))
                    .orElseGet(() ->
                            "Resync %s: no run is active, so this command does the work".formatted(requested.id())));
            Progress progress = new Progress(
                    settings.stateDirectory(),
                    requested.id(),
                    new BackfillProgress(plan.rows().rows()));
            ExitCode code = showProgress(task, progress, out);
            return ended(progress, code, out);
        }
    }

    private void requireConfirmation() {
        Confirmation.requirePossible(options(), "resync");
        if (!Confirmation.isGiven(options(), "Resync?")) {
            throw new Fault(ExitCode.USAGE, "not confirmed, so nothing was done");
        }
    }

    private static Resync request(ResyncPlan plan, Path directory) {
        try (StateStore store = StateStore.openShared(directory)) {
            return plan.request(store, Requester.name());
        }
    }

    private static ExitCode showProgress(DelegatedTask task, Progress progress, PrintWriter out)
            throws InterruptedException {
        try {
            return new Ticker(out, Terminal.isPresent(), progress::line).during(() -> task.await(progress::isDone));
        } catch (Fault fault) {
            List<String> problems = new ArrayList<>(fault.problems());
            problems.add(progress.pending());
            throw new Fault(fault.exitCode(), problems, fault);
        }
    }

    private ExitCode ended(Progress progress, ExitCode code, PrintWriter out) {
        Optional<Backfill> backfill = progress.backfill();
        if (backfill.isPresent()
                && (backfill.get().state().isEnd() || backfill.get().state() == Backfill.State.PAUSED)) {
            return BackfillResult.report(backfill.get(), code, options(), out, err());
        }
        err().println("flameup-sync: " + progress.pending());
        return code == ExitCode.DONE || code == ExitCode.ATTENTION ? ExitCode.TRY_LATER : code;
    }

    /** The progress of the resync, from the store. */
    private record Progress(Path directory, long id, BackfillProgress work) {
        private static Optional<Backfill> backfill(StateStore store, long id) {
            return store.resyncs()
                    .one(id)
                    .flatMap(resync -> Optional.ofNullable(resync.backfillId()))
                    .flatMap(store.backfills()::one);
        }

        boolean isDone(StateStore store) {
            return store.resyncs().one(id).isEmpty()
                    || backfill(store, id)
                            .filter(one -> one.state().isEnd() || one.state() == Backfill.State.PAUSED)
                            .isPresent();
        }

        Optional<Backfill> backfill() {
            try (StateStore store = StateStore.openShared(directory)) {
                return backfill(store, id);
            }
        }

        String line() {
            return backfill()
                    .map(work::line)
                    .orElse("Resync %s has not started yet. The log of the active run says what it waits for"
                            .formatted(id));
        }

        /** What happens next to a resync that has not ended. */
        String pending() {
            try (StateStore store = StateStore.openShared(directory)) {
                return store.resyncs().one(id).isEmpty()
                        ? "resync %s was abandoned. Run it again once the slot is free".formatted(id)
                        : "resync %s stays in the store: the active run or the next one continues it".formatted(id);
            }
        }
    }
}
