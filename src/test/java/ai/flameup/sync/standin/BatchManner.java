package ai.flameup.sync.standin;

/** How the stand-in treats a batch. The API does not document it. */
public enum BatchManner {
    /** One invalid person refuses the whole batch, with 422. */
    ATOMIC,
    /** Invalid persons are left out, of the response too. */
    PARTIAL,
    /** The call does not exist: 404. */
    ABSENT,
    /** The call exists, but with another method: 405. */
    NOT_ALLOWED
}
