package ai.flameup.sync.doctor;

import java.util.List;

/** A look at something that a run relies on; changes nothing. */
interface Check {
    /**
     * @throws ai.flameup.sync.fault.Fault what is wrong, or why it could not be looked at; both are findings
     */
    List<Finding> look() throws InterruptedException;
}
