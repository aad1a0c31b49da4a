package ai.flameup.sync.demo;

/** In which order the persons of one batch are applied, and answered. */
public enum BatchOrder {
    AS_SENT,
    REVERSED
}
