package ai.flameup.sync.cli.deadletters;

import ai.flameup.sync.cli.input.Requester;
import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.cli.input.Terminal;
import ai.flameup.sync.cli.output.Ticker;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.ops.DelegatedTask;
import ai.flameup.sync.state.Retry;
import ai.flameup.sync.state.StateStore;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Leaves the request in the store, and stays until it is done: by the run that is active, or by itself. So it needs the
 * whole configuration only where it does the work.
 */
@Command(
        name = "retry",
        description = "Sends dead letters again, from their rows as they are now, and waits for what becomes of them.")
final class DeadLettersRetryCommand extends Subcommand {
    private static final String STAYS =
            "the request stays in the store: a run that is active goes on with it, and else the next one does it";

    @Mixin
    private final LetterChoice choice = new LetterChoice();

    @Override
    protected ExitCode execute() throws InterruptedException {
        choice.check();
        Path directory = options().stateDirectory();
        PrintWriter out = messages();
        if (isNothing(directory)) {
            out.println("There are no dead letters");
            return ExitCode.DONE;
        }
        try (DelegatedTask errand = DelegatedTask.begin(directory, options()::settings)) {
            options().signals().handle(errand::stop, errand::stop);
            Retry asked = request(directory);
            out.println(errand.worker()
                    .map(pid -> "The run that is active (pid %s) sends %s again".formatted(pid, count(asked)))
                    .orElseGet(() -> "No run is active: sending %s again from here".formatted(count(asked))));
            ExitCode code = follow(errand, directory, asked, out);
            if (code != ExitCode.DONE && code != ExitCode.ATTENTION) {
                err().println("flameup-sync: interrupted; " + STAYS);
                return code;
            }
            return ended(look(directory, asked), asked, code, out);
        }
    }

    private boolean isNothing(Path directory) {
        try (StateStore store = StateStore.openBeside(directory)) {
            return choice.count(store) == 0;
        }
    }

    private Retry request(Path directory) {
        try (StateStore store = StateStore.openBeside(directory)) {
            return choice.all()
                    ? store.deadLetters().requestRetryAll(Requester.name())
                    : store.deadLetters().requestRetry(choice.in(store), Requester.name());
        }
    }

    private static String count(Retry retry) {
        return Letters.many(retry.asked());
    }

    private static ExitCode follow(DelegatedTask errand, Path directory, Retry asked, PrintWriter out)
            throws InterruptedException {
        Ticker ticker = new Ticker(out, Terminal.isPresent(), () -> progress(look(directory, asked)));
        try {
            return ticker.during(() -> errand.await(store ->
                    store.deadLetters().retry(asked.id()).map(Retry::endedAt).isPresent()));
        } catch (Fault fault) {
            List<String> problems = new ArrayList<>(fault.problems());
            problems.add(STAYS);
            throw new Fault(fault.exitCode(), problems, fault);
        }
    }

    private static Retry look(Path directory, Retry asked) {
        try (StateStore store = StateStore.openBeside(directory)) {
            return store.deadLetters().retry(asked.id()).orElse(asked);
        }
    }

    private static String progress(Retry retry) {
        long done = retry.delivered() + retry.refused() + retry.gone();
        return "%s of %s done: %s".formatted(done, retry.asked(), outcome(retry));
    }

    private static String outcome(Retry retry) {
        return "%s delivered, %s refused again, %s gone".formatted(retry.delivered(), retry.refused(), retry.gone());
    }

    private ExitCode ended(Retry retry, Retry asked, ExitCode code, PrintWriter out) {
        out.println("Done: " + outcome(retry));
        long taken = asked.asked() - retry.asked();
        if (taken > 0) {
            out.println("A later retry has taken over %s".formatted(taken));
        }
        if (retry.refused() + retry.gone() == 0) {
            return code;
        }
        out.println(options()
                .complete(
                        "`flameup-sync dead-letters list` shows why. Letters whose row is gone can only be discarded"));
        return ExitCode.ATTENTION;
    }
}
