package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import picocli.CommandLine.Command;

@Command(name = "cancel", description = "Stop a backfill for good; rows already read are still sent")
final class BackfillCancelCommand extends BackfillChange {
    @Override
    protected ExitCode execute() {
        change(
                (store, backfill) -> {
                    if (backfill.kind().isNeeded() && backfill.course().endedAt() == null) {
                        requireConfirmation(backfill.id());
                    }
                    return store.backfills().cancel(backfill.id());
                },
                "cannot be cancelled");
        report("is cancelled");
        return ExitCode.DONE;
    }

    /** Nothing else sends the rows of the first load. */
    private void requireConfirmation(long id) {
        if (!Confirmation.isGiven(
                options(),
                "Backfill %s is the first load: rows that it has not read yet are not sent until they change. Cancel it?"
                        .formatted(id))) {
            throw new Fault(
                    ExitCode.USAGE,
                    "backfill %s is the first load, and rows that it has not read yet would not be sent until they change. Pause it, or pass --yes to cancel it"
                            .formatted(id));
        }
    }
}
