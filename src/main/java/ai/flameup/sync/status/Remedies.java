package ai.flameup.sync.status;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an operator can do about a fault, as a command where one helps. Stateless. */
public final class Remedies {
    /** A run waits for these to be mended. */
    private static final Set<ExitCode> MENDED_FROM_OUTSIDE =
            Set.of(ExitCode.POSTGRES, ExitCode.REFUSED, ExitCode.GAP, ExitCode.REJECTED, ExitCode.STORE);

    private Remedies() {}

    public static boolean isMendedFromOutside(Fault fault) {
        return MENDED_FROM_OUTSIDE.contains(fault.exitCode());
    }

    /** The fault as an operator is shown it. */
    static StatusInputs.Trouble trouble(Fault fault) {
        boolean halt = isMendedFromOutside(fault) || fault.exitCode() == ExitCode.USAGE;
        return new StatusInputs.Trouble(String.join("; ", fault.problems()), of(fault.exitCode()), halt);
    }

    private static @Nullable String of(ExitCode code) {
        return switch (code) {
            case POSTGRES, FLAMEUP, STORE, USAGE -> "flameup-sync doctor";
            case REFUSED ->
                "put right what the reason names; a run that stays reads flameup.token-file again every minute and on SIGHUP,"
                        + " and everything else at a restart; `flameup-sync doctor` tells whether it is accepted";
            case GAP -> "flameup-sync resync";
            case REJECTED -> "flameup-sync dead-letters list";
            case DONE, BUG, ATTENTION, TRY_LATER -> null;
        };
    }

    /** How a run that had no fault ended, as an operator is shown it. */
    static StatusInputs.Trouble ending(ExitCode code) {
        String reason =
                switch (code) {
                    case DONE -> "it ended as it was asked to";
                    case ATTENTION ->
                        "it has done its work, but some of it needs somebody: see the dead letters and the backfills";
                    case TRY_LATER -> "it was interrupted; the next run goes on from here";
                    default -> "it ended by a fault of the program; please report it";
                };
        return new StatusInputs.Trouble(reason, null, false);
    }
}
