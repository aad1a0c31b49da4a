package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.fault.ExitCode;
import picocli.CommandLine.Command;

@Command(
        name = "pause",
        description = "Pause a backfill until it is resumed, also over restarts; rows already read are still sent")
final class BackfillPauseCommand extends BackfillChange {
    @Override
    protected ExitCode execute() {
        change((store, backfill) -> store.backfills().pause(backfill.id()), "cannot be paused");
        report("is paused");
        return ExitCode.DONE;
    }
}
