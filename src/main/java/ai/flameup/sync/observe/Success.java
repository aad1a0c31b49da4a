package ai.flameup.sync.observe;

import ai.flameup.sync.fault.ExitCode;
import org.jspecify.annotations.Nullable;

/** Whether a job has done what it was to do. */
final class Success {
    private Success() {}

    /** A finite run has, where it came to its end; a run for ever, as long as it is in step. */
    static boolean of(Status status) {
        return status.job().mode().equals("run")
                ? status.state() == State.IN_STEP
                : isDone(status.job().exitCode());
    }

    private static boolean isDone(@Nullable Integer exitCode) {
        return exitCode != null && (exitCode == ExitCode.DONE.code() || exitCode == ExitCode.ATTENTION.code());
    }
}
