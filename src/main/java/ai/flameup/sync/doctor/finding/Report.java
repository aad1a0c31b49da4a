package ai.flameup.sync.doctor.finding;

import ai.flameup.sync.fault.ExitCode;
import java.util.List;

/**
 * The results of all checks, in their order. Immutable.
 *
 * @param skipped the checks that a finding prevented, one line each, with the reason
 */
public record Report(List<Finding> findings, List<String> skipped) {
    /** The code of the first finding that failed. */
    public ExitCode exitCode() {
        return findings.stream()
                .filter(Finding::isFailed)
                .map(Finding::exitCode)
                .findFirst()
                .orElse(ExitCode.DONE);
    }
}
