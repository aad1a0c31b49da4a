package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.fault.ExitCode;
import picocli.CommandLine.Command;

@Command(name = "resume", description = "Goes on with a backfill that is paused, from where it stopped.")
final class BackfillResumeCommand extends BackfillChange {
    @Override
    protected ExitCode execute() {
        change((store, backfill) -> store.backfills().resume(backfill.id()), "is not paused");
        say("is resumed: %s goes on with it".formatted(worker()));
        return ExitCode.DONE;
    }
}
