package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.directory.StateDirectory;
import ai.flameup.sync.state.pending.Backfill;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Parameters;

/** Base of the commands that pause, resume or cancel one backfill. The job sees the change before it reads its next page. */
abstract class BackfillChange extends Subcommand {
    @Parameters(paramLabel = "ID", description = "Select the backfill by its id, see backfill list")
    private long id;

    /** Prints the result, unless {@code -q} is given. */
    final void report(String what) {
        messages().println("Backfill %s %s".formatted(id, what));
    }

    interface Change {
        /** False if the state of the backfill does not allow the change. */
        boolean apply(StateStore store, Backfill backfill);
    }

    /**
     * @param refusal why an open backfill does not allow the change
     * @throws Fault 2 if there is no such backfill, it has ended, or it does not allow the change
     */
    final void change(Change change, String refusal) {
        try (StateStore store = StateStore.openShared(options().stateDirectory())) {
            Backfill backfill = store.backfills()
                    .one(id)
                    .orElseThrow(() -> new Fault(
                            ExitCode.USAGE,
                            "there is no backfill %s. `flameup-sync backfill list` shows the existing ones"
                                    .formatted(id)));
            if (!change.apply(store, backfill)) {
                Backfill.State state =
                        store.backfills().one(id).orElse(backfill).state();
                throw new Fault(
                        ExitCode.USAGE,
                        state.isEnd()
                                ? "backfill %s has ended, it is %s"
                                        .formatted(id, state.name().toLowerCase(Locale.ROOT))
                                : "backfill %s %s".formatted(id, refusal));
            }
        }
    }

    /** The run that will work on the backfill, for a message. */
    final String worker() {
        Path directory = options().stateDirectory();
        return StateDirectory.holder(directory)
                .map("the active run (pid %s)"::formatted)
                .orElse("the next run");
    }
}
