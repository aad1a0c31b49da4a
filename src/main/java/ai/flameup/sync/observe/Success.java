package ai.flameup.sync.observe;

import ai.flameup.sync.fault.ExitCode;
import org.jspecify.annotations.Nullable;

/** Whether a job has reached its goal. */
public final class Success {
    private Success() {}

    /** A finite run has if it was completed; a continuous run has while it is in step. */
    public static boolean of(String mode, State state, @Nullable Integer exitCode) {
        return mode.equals("run") ? state == State.IN_STEP : isDone(exitCode);
    }

    private static boolean isDone(@Nullable Integer exitCode) {
        return exitCode != null && (exitCode == ExitCode.DONE.code() || exitCode == ExitCode.ATTENTION.code());
    }
}
