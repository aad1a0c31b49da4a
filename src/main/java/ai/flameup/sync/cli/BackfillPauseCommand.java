package ai.flameup.sync.cli;

import ai.flameup.sync.fault.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "pause",
        description =
                "Reads nothing more for a backfill until it is resumed, over restarts; what is read is still sent.")
final class BackfillPauseCommand extends BackfillChange implements Callable<Integer> {
    @Override
    public Integer call() {
        change((store, backfill) -> store.backfills().pause(backfill.id()), "cannot be paused");
        say("is paused");
        return ExitCode.DONE.code();
    }
}
