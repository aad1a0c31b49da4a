package ai.flameup.sync.fault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A failure that a user can cause or fix: one line for each problem, with its remedy, and the exit code for scripts.
 * Messages never contain a secret or personal data. Immutable.
 */
public final class Fault extends RuntimeException {
    private final ExitCode exitCode;
    private final List<String> problems;

    public Fault(ExitCode exitCode, String problem) {
        this(exitCode, List.of(problem), null);
    }

    public Fault(ExitCode exitCode, String problem, @Nullable Throwable cause) {
        this(exitCode, List.of(problem), cause);
    }

    /**
     * @param problems lines in the form "what is wrong; remedy"; empty if only the exit code is to be reported
     */
    public Fault(ExitCode exitCode, List<String> problems, @Nullable Throwable cause) {
        super(String.join("\n", problems), cause);
        this.exitCode = exitCode;
        this.problems = List.copyOf(problems);
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    public List<String> problems() {
        return problems;
    }
}
