package ai.flameup.sync.pipeline;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.pipeline.PipelineSettings.Batch;
import java.util.List;

/**
 * Whether the batch call is used. It is abandoned if it does not exist, if its answers do not name the accepted persons, or
 * if it refuses persons whom the single call accepts. For one thread.
 */
final class BatchPolicy {
    private static final int MAX_MISSED = 20;
    /** So many answers in a row that name less than half of their persons are taken as the way of the call. */
    private static final int POOR_ANSWERS = 3;

    private final Batch mode;
    private final List<Action> actions;
    private boolean isUsable = true;
    /**
     * Persons who were accepted alone after a batch had refused them or left them out, since the last answer that named most
     * of its persons, and since the last person who was refused alone.
     */
    private int missedInRow;

    private int poorAnswers;

    BatchPolicy(Batch mode, List<Action> actions) {
        this.mode = mode;
        this.actions = actions;
    }

    /** Whether the next request may carry several persons. */
    boolean isUsedFor(int waiting, RateControl rate, long now) {
        return isUsable
                && switch (mode) {
                    case NEVER -> false;
                    case ALWAYS -> true;
                    case AUTO -> rate.needsBatches(waiting, now);
                };
    }

    /** Returns how many persons a request may carry. */
    int maxPersons() {
        return isUsable && mode != Batch.NEVER ? BatchLimits.MAX_PERSONS : 1;
    }

    /** Whether a single person is sent by the batch call as well. */
    boolean takes(List<PendingUpsert> upserts) {
        return upserts.size() > 1 || (mode == Batch.ALWAYS && upserts.get(0).batchLimit() > 1);
    }

    void acceptedAlone(PendingUpsert upsert) {
        if (upsert.failedInBatch() && ++missedInRow == MAX_MISSED) {
            abandon("it refused or left out %s persons in a row whom the single call accepted".formatted(MAX_MISSED));
        }
    }

    void refusedAlone() {
        missedInRow = 0;
    }

    /** The answer of a batch names some of its persons, and leaves these out. */
    void leftOut(List<PendingUpsert> missing, int sent) {
        boolean isPoor = missing.size() * 2 >= sent;
        poorAnswers = isPoor ? poorAnswers + 1 : 0;
        if (!isPoor) {
            missedInRow = 0;
        }
        // One odd answer says nothing about the call.
        missing.forEach(upsert -> upsert.attempts().failedInBatch(poorAnswers >= POOR_ANSWERS));
    }

    /** The answer of a batch does not name the accepted persons. */
    void abandonUnnamed(Outcome.Accepted answer) {
        abandon("its answer " + answer.problem());
    }

    /** The API has no batch call. */
    void abandonMissing(int status) {
        abandon("it is answered with status %s".formatted(status));
    }

    private void abandon(String reason) {
        if (isUsable) {
            isUsable = false;
            actions.add(new Action.ReportBatchesAbandoned(reason));
        }
    }
}
