package ai.flameup.sync.doctor.finding;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The result of one check. Contains no secret and no personal data. Immutable.
 *
 * @param name of what was checked
 * @param message one line: what is wrong, with the value
 * @param remedy what to do: a command or a statement of SQL to paste, or a sentence; null if nothing is needed
 * @param exitCode of a command whose first failure this is; {@link ExitCode#ATTENTION} or {@link ExitCode#DONE} unless it failed
 */
public record Finding(
        String name,
        Status status,
        String message,
        @Nullable String remedy,
        ExitCode exitCode) {
    private static final Pattern STATEMENT = Pattern.compile("(ALTER|CREATE|DROP|GRANT|SELECT) .*[^;]");

    /** Whether a run can work. */
    public enum Status {
        OK,
        /** It can, but an operator should look at it. */
        WARNING,
        FAILED
    }

    public static Finding ok(String name, String message) {
        return new Finding(name, Status.OK, message, null, ExitCode.DONE);
    }

    public static Finding warning(String name, String message, @Nullable String remedy) {
        return new Finding(name, Status.WARNING, message, remedy, ExitCode.DONE);
    }

    /** A warning about something that endangers the server or the data, so that a script notices it. A run works nevertheless. */
    public static Finding attention(String name, String message, @Nullable String remedy) {
        return new Finding(name, Status.WARNING, message, remedy, ExitCode.ATTENTION);
    }

    public static Finding failed(ExitCode exitCode, String name, String message, @Nullable String remedy) {
        return new Finding(name, Status.FAILED, message, remedy, exitCode);
    }

    /** One for each problem of a fault. */
    public static List<Finding> failed(String name, Fault fault) {
        return failed(fault.exitCode(), name, fault.problems());
    }

    /**
     * One for each problem.
     *
     * @param problems in the form that every {@link Fault} has: what is wrong, a semicolon, and the remedy
     */
    public static List<Finding> failed(ExitCode exitCode, String name, List<String> problems) {
        return problems.stream()
                .map(problem -> problem.replaceFirst("^Postgres: ", "").split("; ", 2))
                .map(parts -> failed(exitCode, name, parts[0], parts.length == 1 ? null : pasted(parts[1])))
                .toList();
    }

    private static String pasted(String remedy) {
        return STATEMENT.matcher(remedy).matches() ? remedy + ";" : remedy;
    }

    public boolean isFailed() {
        return status == Status.FAILED;
    }
}
