package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.cli.input.Requester;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.cli.output.Ticker;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.DelegatedTask;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.pending.Retry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Stores the request, then waits until it is done: by the active run, or by this process. Only the latter needs the whole
 * configuration.
 */
@Command(name = "retry", description = "Send dead letters again from their current rows, and wait for the results")
final class DeadLettersRetryCommand extends Subcommand {
    private static final String STORED = "the request stays in the store: the active run or the next one continues it";

    @Mixin
    private final LetterChoice choice = new LetterChoice();

    @Override
    protected ExitCode execute() throws InterruptedException {
        choice.check();
        Path directory = options().stateDirectory();
        PrintWriter out = messages();
        if (isEmpty(directory)) {
            out.println("There are no dead letters");
            return ExitCode.DONE;
        }
        try (DelegatedTask task = DelegatedTask.begin(directory, options()::settings)) {
            options().signals().handle(task::stop, task::stop);
            Retry requested = request(directory);
            out.println(task.worker()
                    .map(pid -> "The active run (pid %s) sends %s again".formatted(pid, count(requested)))
                    .orElseGet(() -> "No run is active, so this command sends %s again".formatted(count(requested))));
            ExitCode code = showProgress(task, directory, requested, out);
            if (code != ExitCode.DONE && code != ExitCode.ATTENTION) {
                err().println("flameup-sync: interrupted; " + STORED);
                return code;
            }
            return ended(current(directory, requested), requested, code, out);
        }
    }

    private boolean isEmpty(Path directory) {
        try (StateStore store = StateStore.openShared(directory)) {
            return choice.count(store) == 0;
        }
    }

    private Retry request(Path directory) {
        try (StateStore store = StateStore.openShared(directory)) {
            return choice.all()
                    ? store.deadLetters().requestRetryAll(Requester.name())
                    : store.deadLetters().requestRetry(choice.in(store), Requester.name());
        }
    }

    private static String count(Retry retry) {
        return Letters.count(retry.letters());
    }

    private static ExitCode showProgress(DelegatedTask task, Path directory, Retry requested, PrintWriter out)
            throws InterruptedException {
        Ticker ticker = new Ticker(out, Terminal.isPresent(), () -> progress(current(directory, requested)));
        try {
            return ticker.during(() -> task.await(store -> store.deadLetters()
                    .retry(requested.id())
                    .map(Retry::endedAt)
                    .isPresent()));
        } catch (Fault fault) {
            List<String> problems = new ArrayList<>(fault.problems());
            problems.add(STORED);
            throw new Fault(fault.exitCode(), problems, fault);
        }
    }

    private static Retry current(Path directory, Retry requested) {
        try (StateStore store = StateStore.openShared(directory)) {
            return store.deadLetters().retry(requested.id()).orElse(requested);
        }
    }

    private static String progress(Retry retry) {
        long done = retry.delivered() + retry.refused() + retry.gone();
        return "%s of %s done: %s".formatted(done, retry.letters(), outcome(retry));
    }

    private static String outcome(Retry retry) {
        return "%s delivered, %s refused again, %s gone".formatted(retry.delivered(), retry.refused(), retry.gone());
    }

    private ExitCode ended(Retry retry, Retry requested, ExitCode code, PrintWriter out) {
        out.println("Done: " + outcome(retry));
        long takenOver = requested.letters() - retry.letters();
        if (takenOver > 0) {
            out.println("A later retry took over %s".formatted(takenOver));
        }
        if (retry.refused() + retry.gone() == 0) {
            return code;
        }
        out.println(
                options()
                        .complete(
                                "`flameup-sync dead-letters list` shows why. Dead letters without a row can only be discarded"));
        return ExitCode.ATTENTION;
    }
}
