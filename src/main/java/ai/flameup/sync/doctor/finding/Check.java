package ai.flameup.sync.doctor.finding;

import java.util.List;

/** Inspects something that a run relies on, and changes nothing. */
public interface Check {
    /**
     * @throws ai.flameup.sync.fault.Fault if something is wrong, or could not be inspected; each becomes a finding
     */
    List<Finding> findings() throws InterruptedException;
}
