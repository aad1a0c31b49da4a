package ai.flameup.sync.pipeline;

/** The failed attempts of one upsert. For one thread. */
final class Attempts {
    private static final int OWN_FAILURES = 8;
    private static final int ACCEPTED_MEANWHILE = 20;

    private int count;
    /** Failures between which other persons were accepted. */
    private int ownFailures;

    private boolean isFailedInBatch;

    private long acceptedAtFirst;
    private long acceptedAtLast;

    boolean isFailedInBatch() {
        return isFailedInBatch;
    }

    /** Whether a batch with the person was refused, or the answer of a batch left it out. */
    void failedInBatch(boolean failed) {
        isFailedInBatch = failed;
    }

    /** Returns the number of attempts that failed or were refused. */
    int count() {
        return count;
    }

    void refused() {
        count++;
    }

    /**
     * An attempt failed. It counts as the person's own failure unless no other person was accepted since the one before.
     *
     * @param accepted how many persons were accepted so far
     */
    void failed(long accepted) {
        count++;
        if (ownFailures == 0) {
            acceptedAtFirst = accepted;
        } else if (accepted == acceptedAtLast) {
            return;
        }
        ownFailures++;
        acceptedAtLast = accepted;
    }

    /** Whether the failures are the person's own: many, while many others were accepted. */
    boolean areItsOwn(long accepted) {
        return ownFailures >= OWN_FAILURES && accepted - acceptedAtFirst >= ACCEPTED_MEANWHILE;
    }
}
