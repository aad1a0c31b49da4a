package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.GlobalOptions;
import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.cli.output.Ticker;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.DelegatedTask;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Backfill;
import ai.flameup.sync.state.pending.Backfill.State;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Requests backfills, and waits until each is done: by the active run, or by this process. For one thread. */
public final class BackfillFollower {
    private final GlobalOptions options;
    private final OptionalLong rows;
    private final PrintWriter out;
    private final PrintWriter err;

    /**
     * @param rows an estimate of the number of rows; empty if unknown
     * @param out for progress, and for the result of a backfill that is done
     * @param err for any other result
     */
    public BackfillFollower(GlobalOptions options, OptionalLong rows, PrintWriter out, PrintWriter err) {
        this.options = options;
        this.rows = rows;
        this.out = out;
        this.err = err;
    }

    /**
     * Stores the requests, and waits until they are done, paused or stopped.
     *
     * @param requests each stores one backfill in the store of the given directory
     * @return the exit code of the command; of the first backfill that is not done, if there is one
     */
    public ExitCode follow(List<Function<Path, Backfill>> requests) throws InterruptedException {
        Path directory = options.stateDirectory();
        try (DelegatedTask task = DelegatedTask.begin(directory, options::settings)) {
            options.signals().handle(task::stop, task::stop);
            List<Backfill> requested =
                    requests.stream().map(request -> request.apply(directory)).toList();
            ExitCode code = ExitCode.DONE;
            for (Backfill backfill : requested) {
                ExitCode one = follow(backfill, task, directory);
                if (one != ExitCode.DONE && one != ExitCode.ATTENTION) {
                    return one;
                }
                code = code == ExitCode.DONE ? one : code;
            }
            return code;
        }
    }

    private ExitCode follow(Backfill requested, DelegatedTask task, Path directory) throws InterruptedException {
        Optional<String> worker = task.worker();
        out.println(
                worker.map(pid -> "Backfill %s: the active run (pid %s) does the work".formatted(requested.id(), pid))
                        .orElseGet(() -> "Backfill %s: no run is active, so this command does the work"
                                .formatted(requested.id())));
        ExitCode code = showProgress(task, directory, requested);
        Backfill now = current(directory, requested);
        return now.state().isEnd() || now.state() == State.PAUSED
                ? BackfillResult.report(now, code, options, out, err)
                : interrupted(now, task, code);
    }

    private ExitCode showProgress(DelegatedTask task, Path directory, Backfill requested) throws InterruptedException {
        BackfillProgress progress =
                new BackfillProgress(requested.kind() == Backfill.Kind.GONE ? OptionalLong.empty() : rows);
        Ticker ticker = new Ticker(out, Terminal.isPresent(), () -> progress.line(current(directory, requested)));
        try {
            return ticker.during(() -> task.await(store -> store.backfills()
                    .one(requested.id())
                    .filter(one -> one.state().isEnd() || one.state() == State.PAUSED)
                    .isPresent()));
        } catch (Fault fault) {
            List<String> problems = new ArrayList<>(fault.problems());
            problems.add("backfill %s stays in the store: the next run continues it".formatted(requested.id()));
            throw new Fault(fault.exitCode(), problems, fault);
        }
    }

    private static Backfill current(Path directory, Backfill requested) {
        try (StateStore store = StateStore.openShared(directory)) {
            return store.backfills().one(requested.id()).orElse(requested);
        }
    }

    private ExitCode interrupted(Backfill backfill, DelegatedTask task, ExitCode code) {
        err.println("flameup-sync: interrupted; backfill %s %s"
                .formatted(
                        backfill.id(),
                        task.worker()
                                .map("continues in the active run (pid %s)"::formatted)
                                .orElse("stays in the store, and the next run continues it")));
        return code == ExitCode.DONE || code == ExitCode.ATTENTION ? ExitCode.TRY_LATER : code;
    }
}
