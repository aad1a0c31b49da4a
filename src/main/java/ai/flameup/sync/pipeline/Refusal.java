package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A state that is to be parked: the API has refused it, or it cannot be sent at all.
 *
 * @param work null for a row that maps to no person
 * @param key of the row; null if it is not known
 * @param group null if there is a work, which has its own
 * @param why with status 0 if the API was not asked
 */
record Refusal(@Nullable Work work, @Nullable RowKey key, Progress.@Nullable Group group, Outcome.Rejected why) {

    static final int NOT_ASKED = 0;

    static Refusal of(Work work, Outcome.Rejected why) {
        return new Refusal(work, work.key, null, why);
    }

    /** Of a row that maps to no person. */
    static Refusal of(@Nullable RowKey key, Progress.Group group, String reason) {
        return new Refusal(null, key, group, new Outcome.Rejected(NOT_ASKED, reason, null));
    }

    /** Whether it says something about the mapping. A row that an operator asked for may be refused once more. */
    boolean isTelling() {
        return work == null
                ? group == null || !group.isAskedFor()
                : !work.groups.stream().allMatch(Progress.Group::isAskedFor);
    }

    /** Nothing is done with it for the present. */
    void hold() {
        if (work != null) {
            work.stage = Work.Stage.SUSPECT;
        }
    }
}
