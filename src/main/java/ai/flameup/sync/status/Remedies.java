package ai.flameup.sync.status;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an operator can do about a fault, as sentences that end with a command if one helps. Stateless. */
public final class Remedies {
    /** A run waits until an operator has fixed the cause of these. */
    private static final Set<ExitCode> NEED_OPERATOR =
            Set.of(ExitCode.POSTGRES, ExitCode.REFUSED, ExitCode.GAP, ExitCode.REJECTED, ExitCode.STORE);

    private Remedies() {}

    /** Whether a run can only continue after an operator has acted, or the server is back. */
    public static boolean needsOperator(Fault fault) {
        return NEED_OPERATOR.contains(fault.exitCode());
    }

    /** The fault as the status shows it. */
    static StatusInputs.Trouble trouble(Fault fault) {
        boolean halt = needsOperator(fault) || fault.exitCode() == ExitCode.USAGE;
        return new StatusInputs.Trouble(String.join("; ", fault.problems()), of(fault.exitCode()), halt);
    }

    private static @Nullable String of(ExitCode code) {
        return switch (code) {
            case POSTGRES, FLAMEUP, STORE, USAGE ->
                "To see every check that fails, and its fix, run `flameup-sync doctor`.";
            case REFUSED ->
                "Fix what the reason names. A halted run reads flameup.token-file again every minute and on SIGHUP. Other"
                        + " settings need a restart. To check the result, run `flameup-sync doctor`.";
            case GAP ->
                "Changes may be missing at Flameup. To create a new slot and send every row again, run `flameup-sync resync`.";
            case REJECTED -> "To see why these persons were refused, run `flameup-sync dead-letters list`.";
            case DONE, BUG, ATTENTION, TRY_LATER -> null;
        };
    }

    /** The end of a run without a fault as the status shows it. */
    static StatusInputs.Trouble ending(ExitCode code) {
        String reason =
                switch (code) {
                    case DONE -> "the run ended as requested";
                    case ATTENTION -> "the run is complete, but dead letters or failed backfills need an operator";
                    case TRY_LATER -> "the run was interrupted";
                    default -> "internal error; please report this bug";
                };
        return new StatusInputs.Trouble(reason, null, false);
    }
}
