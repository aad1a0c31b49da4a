package ai.flameup.sync.cli;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "cancel", description = "Reads nothing more for a backfill, ever; what is read is still sent.")
final class BackfillCancelCommand extends BackfillChange implements Callable<Integer> {
    @Override
    public Integer call() {
        change(
                (store, backfill) -> {
                    if (backfill.kind().isNeeded() && backfill.course().endedAt() == null) {
                        demandAgreement(backfill.id());
                    }
                    return store.backfills().cancel(backfill.id());
                },
                "cannot be cancelled");
        say("is cancelled");
        return ExitCode.DONE.code();
    }

    /** Nothing else brings these rows. */
    private void demandAgreement(long id) {
        if (!parent().main().yes()
                && !Terminal.agrees(
                        "Backfill %s is the first load: rows that it has not read are never sent unless they change. Cancel it?"
                                .formatted(id))) {
            throw new Fault(
                    ExitCode.USAGE,
                    "backfill %s is the first load, and rows that it has not read would never be sent unless they change: pause it, or give --yes to cancel it"
                            .formatted(id));
        }
    }
}
