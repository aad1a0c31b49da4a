package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.fault.ExitCode;
import picocli.CommandLine.Command;

@Command(
        name = "pause",
        description =
                "Reads nothing more for a backfill until it is resumed, over restarts; what is read is still sent.")
final class BackfillPauseCommand extends BackfillChange {
    @Override
    protected ExitCode execute() {
        change((store, backfill) -> store.backfills().pause(backfill.id()), "cannot be paused");
        say("is paused");
        return ExitCode.DONE;
    }
}
