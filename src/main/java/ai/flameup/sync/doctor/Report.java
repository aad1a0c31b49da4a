package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ExitCode;
import java.util.List;

/**
 * What was found, in the order in which it was looked at. Immutable.
 *
 * @param notLookedAt what could not be looked at because of a finding, one line each, with the reason
 */
public record Report(List<Finding> findings, List<String> notLookedAt) {
    /** That of the first finding that failed. */
    public ExitCode exitCode() {
        return findings.stream()
                .filter(Finding::isFailed)
                .map(Finding::exitCode)
                .findFirst()
                .orElse(ExitCode.DONE);
    }
}
