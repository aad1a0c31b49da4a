package ai.flameup.sync.standin;

/** The order in which the persons of a batch are applied, and appear in the response. */
public enum BatchOrder {
    AS_SENT,
    REVERSED
}
