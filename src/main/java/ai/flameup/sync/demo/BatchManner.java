package ai.flameup.sync.demo;

/** What the stand-in does with a batch, which its API does not say. */
public enum BatchManner {
    /** One person that is refused refuses all of them, with 422. */
    ATOMIC,
    /** Those that are refused are left out, of the answer too. */
    PARTIAL,
    /** There is no such call: 404. */
    ABSENT,
    /** There is, but not like this: 405. */
    NOT_ALLOWED
}
