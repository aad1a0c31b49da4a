package ai.flameup.sync.config;

/** What a run does when the slot no longer continues the stored position. */
public enum OnSlotLost {
    /** It halts until an operator requests a resync. */
    STOP,
    /** It requests a resync itself. */
    RESYNC
}
