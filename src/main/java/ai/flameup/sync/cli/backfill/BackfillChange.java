package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Subcommand;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.state.Backfill;
import ai.flameup.sync.state.StateDirectory;
import ai.flameup.sync.state.StateStore;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Parameters;

/** What the commands have in common that change the course of one backfill: the job sees it before its next chunk. */
abstract class BackfillChange extends Subcommand {
    @Parameters(paramLabel = "ID", description = "the backfill's id, which the list tells")
    private long id;

    /** Says what has become of it. */
    final void say(String what) {
        messages().println("Backfill %s %s".formatted(id, what));
    }

    interface Change {
        /** Whether it could be made. */
        boolean make(StateStore store, Backfill backfill);
    }

    /**
     * @param otherwise what is wrong with a backfill that is open, where the change cannot be made
     * @throws Fault 2 where it cannot be made
     */
    final void change(Change change, String otherwise) {
        try (StateStore store = StateStore.openBeside(options().stateDirectory())) {
            Backfill backfill = store.backfills()
                    .one(id)
                    .orElseThrow(() -> new Fault(
                            ExitCode.USAGE,
                            "there is no backfill %s; `flameup-sync backfill list` shows those that there are"
                                    .formatted(id)));
            if (!change.make(store, backfill)) {
                Backfill.State state =
                        store.backfills().one(id).orElse(backfill).state();
                throw new Fault(
                        ExitCode.USAGE,
                        state.isEnd()
                                ? "backfill %s has ended, it is %s"
                                        .formatted(id, state.name().toLowerCase(Locale.ROOT))
                                : "backfill %s %s".formatted(id, otherwise));
            }
        }
    }

    /** Who goes on with it. */
    final String worker() {
        Path directory = options().stateDirectory();
        return StateDirectory.holder(directory)
                .map("the run that is active (pid %s)"::formatted)
                .orElse("the next run");
    }
}
