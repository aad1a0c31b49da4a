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
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.Resync;
import ai.flameup.sync.state.StateStore;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;

/** Leaves the request in the store, and stays until every row is settled: by the run that is active, or by itself. */
@Command(
        name = "resync",
        description = {
            "Begins anew from the source as it is, after a lost slot, a restored backup or a major upgrade:"
                    + " a new slot, and every row once more.",
            "In this version every row is sent, changed or not, and rows that have vanished are not looked for."
        })
public final class ResyncCommand extends Subcommand {
    @Override
    protected ExitCode execute() throws InterruptedException {
        PrintWriter out = messages();
        Settings settings = options().settings();
        ResyncPlan plan = ResyncPlan.of(settings);
        new ResyncReport(plan, settings).text(out);
        out.flush();
        demandAgreement();
        try (DelegatedTask errand = DelegatedTask.begin(settings.stateDirectory(), options()::settings)) {
            options().signals().handle(errand::stop, errand::stop);
            Resync asked = request(plan, settings.stateDirectory());
            out.println(errand.worker()
                    .map(pid -> "Resync %s: the run that is active (pid %s) does it".formatted(asked.id(), pid))
                    .orElseGet(() -> "Resync %s: no run is active, doing it from here".formatted(asked.id())));
            Course course = new Course(
                    settings.stateDirectory(), asked.id(), plan.rows().rows());
            ExitCode code = follow(errand, course, out);
            return ended(course, code, out);
        }
    }

    private void demandAgreement() {
        Confirmation.requirePossible(options(), "resync");
        if (!Confirmation.isGiven(options(), "Resync?")) {
            throw new Fault(ExitCode.USAGE, "nothing was done");
        }
    }

    private static Resync request(ResyncPlan plan, Path directory) {
        try (StateStore store = StateStore.openBeside(directory)) {
            return plan.request(store, Requester.name());
        }
    }

    private static ExitCode follow(DelegatedTask errand, Course course, PrintWriter out) throws InterruptedException {
        try {
            return new Ticker(out, Terminal.isPresent(), course::line).during(() -> errand.await(course::isDone));
        } catch (Fault fault) {
            List<String> problems = new ArrayList<>(fault.problems());
            problems.add(course.left());
            throw new Fault(fault.exitCode(), problems, fault);
        }
    }

    private ExitCode ended(Course course, ExitCode code, PrintWriter out) {
        Optional<Backfill> backfill = course.backfill();
        if (backfill.isPresent()
                && (backfill.get().state().isEnd() || backfill.get().state() == Backfill.State.PAUSED)) {
            return BackfillResult.report(backfill.get(), code, options(), out, err());
        }
        err().println("flameup-sync: " + course.left());
        return code == ExitCode.DONE || code == ExitCode.ATTENTION ? ExitCode.TRY_LATER : code;
    }

    /** How far it has come, by the store. */
    private record Course(Path directory, long id, OptionalLong rows) {
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
            try (StateStore store = StateStore.openBeside(directory)) {
                return backfill(store, id);
            }
        }

        String line() {
            return backfill()
                    .map(one -> rows.isPresent()
                            ? "Backfill %s: %s of about %s rows"
                                    .formatted(one.id(), one.tally().rows(), rows.getAsLong())
                            : "Backfill %s: %s rows"
                                    .formatted(one.id(), one.tally().rows()))
                    .orElse("Resync %s has not begun yet; the log of the active run says what it waits for"
                            .formatted(id));
        }

        /** What becomes of it where it has not come to its end. */
        String left() {
            try (StateStore store = StateStore.openBeside(directory)) {
                return store.resyncs().one(id).isEmpty()
                        ? "resync %s was given up; ask again once the slot is free".formatted(id)
                        : "resync %s stays in the store: the run that is active, or the next one, goes on with it"
                                .formatted(id);
            }
        }
    }
}
