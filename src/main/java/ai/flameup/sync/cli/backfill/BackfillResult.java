package ai.flameup.sync.cli.backfill;

import ai.flameup.sync.cli.input.GlobalOptions;
import ai.flameup.sync.cli.output.PlainText;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.state.pending.Backfill;
import java.io.PrintWriter;

/** Reports how a backfill ended or that it was paused. Stateless. */
final class BackfillResult {
    private BackfillResult() {}

    /**
     * @param code the exit code of the work, for a backfill that is done without parked rows
     * @param out for the result of a backfill that is done
     * @param err for any other result
     */
    static ExitCode report(Backfill backfill, ExitCode code, GlobalOptions options, PrintWriter out, PrintWriter err) {
        Backfill.Tally tally = backfill.tally();
        String rows = "%s rows read, %s sent, %s unchanged, %s parked, %s superseded by newer changes"
                .formatted(tally.rows(), tally.sent(), tally.unchanged(), tally.parked(), tally.overtaken());
        switch (backfill.state()) {
            case DONE -> out.println("Backfill %s is done: %s".formatted(backfill.id(), rows));
            case PAUSED ->
                err.println(options.complete(
                        "flameup-sync: backfill %s was paused: %s so far. `flameup-sync backfill resume %s` continues it"
                                .formatted(backfill.id(), rows, backfill.id())));
            case CANCELLED -> err.println("flameup-sync: backfill %s was cancelled: %s".formatted(backfill.id(), rows));
            default ->
                err.println("flameup-sync: backfill %s failed: %s (%s)"
                        .formatted(backfill.id(), PlainText.of(String.valueOf(backfill.reason())), rows));
        }
        if (tally.parked() > 0) {
            err.println(options.complete("flameup-sync: `flameup-sync dead-letters list` shows why rows were parked"));
        }
        return switch (backfill.state()) {
            case DONE -> tally.parked() > 0 ? ExitCode.ATTENTION : code;
            case PAUSED -> ExitCode.TRY_LATER;
            default -> ExitCode.ATTENTION;
        };
    }
}
