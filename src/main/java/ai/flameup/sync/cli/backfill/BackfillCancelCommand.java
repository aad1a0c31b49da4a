package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.Confirmation;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import picocli.CommandLine.Command;

@Command(name = "cancel", description = "Reads nothing more for a backfill, ever; what is read is still sent.")
final class BackfillCancelCommand extends BackfillChange {
    @Override
    protected ExitCode execute() {
        change(
                (store, backfill) -> {
                    if (backfill.kind().isNeeded() && backfill.course().endedAt() == null) {
                        demandAgreement(backfill.id());
                    }
                    return store.backfills().cancel(backfill.id());
                },
                "cannot be cancelled");
        say("is cancelled");
        return ExitCode.DONE;
    }

    /** Nothing else brings these rows. */
    private void demandAgreement(long id) {
        if (!Confirmation.isGiven(
                options(),
                "Backfill %s is the first load: rows that it has not read are never sent unless they change. Cancel it?"
                        .formatted(id))) {
            throw new Fault(
                    ExitCode.USAGE,
                    "backfill %s is the first load, and rows that it has not read would never be sent unless they change: pause it, or give --yes to cancel it"
                            .formatted(id));
        }
    }
}
