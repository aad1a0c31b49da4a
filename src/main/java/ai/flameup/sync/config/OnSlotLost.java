package ai.flameup.sync.config;

/** What is done where the slot does not continue the stored position any more. */
public enum OnSlotLost {
    /** Nothing, until somebody says so. */
    STOP,
    /** The job begins anew by itself. */
    RESYNC
}
