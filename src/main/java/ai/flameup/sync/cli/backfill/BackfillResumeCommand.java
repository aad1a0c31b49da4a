package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.fault.ExitCode;
import picocli.CommandLine.Command;

@Command(name = "resume", description = "Continue a paused backfill from where it stopped")
final class BackfillResumeCommand extends BackfillChange {
    @Override
    protected ExitCode execute() {
        change((store, backfill) -> store.backfills().resume(backfill.id()), "is not paused");
        report("is resumed: %s continues it".formatted(worker()));
        return ExitCode.DONE;
    }
}
