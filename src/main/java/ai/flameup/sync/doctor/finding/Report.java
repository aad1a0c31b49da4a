package ai.flameup.sync.doctor.finding;

import ai.flameup.sync.fault.ExitCode;
import java.util.List;
import java.util.stream.Stream;

/**
 * The results of all checks, in their order. Immutable.
 *
 * @param skipped the checks that a finding prevented, one line each, with the reason
 */
public record Report(List<Finding> findings, List<String> skipped) {
    /** The code of the first finding that failed; without one, whether something needs attention. */
    public ExitCode exitCode() {
        return Stream.concat(findings.stream().filter(Finding::isFailed), findings.stream())
                .map(Finding::exitCode)
                .filter(code -> code != ExitCode.DONE)
                .findFirst()
                .orElse(ExitCode.DONE);
    }
}
