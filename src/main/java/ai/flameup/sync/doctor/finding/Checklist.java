package ai.flameup.sync.doctor.finding;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.util.ArrayList;
import java.util.List;

/** Runs checks one after the other, and collects what they find. For one thread. */
public final class Checklist {
    private final String resync;
    private final List<Finding> findings = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    /** @param resync the command that remedies a gap */
    public Checklist(String resync) {
        this.resync = resync;
    }

    /**
     * @param name of the finding if the check throws
     * @return whether nothing failed
     */
    public boolean run(String name, Check check) throws InterruptedException {
        List<Finding> found;
        try {
            found = check.findings();
        } catch (Fault fault) {
            found = Finding.failed(name, fault).stream().map(this::withCommand).toList();
        }
        findings.addAll(found);
        return found.stream().noneMatch(Finding::isFailed);
    }

    /** A gap has one remedy, whatever the fault suggests. */
    private Finding withCommand(Finding finding) {
        return finding.exitCode() == ExitCode.GAP
                ? Finding.failed(ExitCode.GAP, finding.name(), finding.message(), resync)
                : finding;
    }

    /** @param what is skipped, and why */
    public void skip(String what) {
        skipped.add(what);
    }

    public Report report() {
        return new Report(List.copyOf(findings), List.copyOf(skipped));
    }
}
