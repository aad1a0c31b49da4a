package ai.flameup.sync.doctor;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.ArrayList;
import java.util.List;

/** Looks, one after the other, and keeps what was found. For one thread. */
final class Looks {
    private final String resync;
    private final List<Finding> findings = new ArrayList<>();
    private final List<String> passedOver = new ArrayList<>();

    /** @param resync the command that helps where the stream does not continue */
    Looks(String resync) {
        this.resync = resync;
    }

    /**
     * @param name for what could not be looked at
     * @return whether nothing failed
     */
    boolean look(String name, Check check) throws InterruptedException {
        List<Finding> found;
        try {
            found = check.look();
        } catch (Fault fault) {
            found = Finding.failed(name, fault).stream().map(this::withCommand).toList();
        }
        findings.addAll(found);
        return found.stream().noneMatch(Finding::isFailed);
    }

    /** Whatever else the fault says of it. */
    private Finding withCommand(Finding finding) {
        return finding.exitCode() == ExitCode.GAP
                ? Finding.failed(ExitCode.GAP, finding.name(), finding.message(), resync)
                : finding;
    }

    /** @param what it is, and why */
    void passOver(String what) {
        passedOver.add(what);
    }

    Report report() {
        return new Report(List.copyOf(findings), List.copyOf(passedOver));
    }
}
