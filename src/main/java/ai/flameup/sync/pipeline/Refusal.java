package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.mapping.Mapped;
import org.jspecify.annotations.Nullable;

/**
 * A state that is to be parked: the API has refused it, or it cannot be sent at all.
 *
 * @param upsert null for a row that maps to no person
 * @param userId empty if it is not known
 * @param key of the row; null if it is not known
 * @param unit null with an upsert, which has its own
 * @param why with status 0 if the API was not asked
 */
record Refusal(
        @Nullable PendingUpsert upsert,
        String userId,
        @Nullable RowKey key,
        @Nullable AckUnit unit,
        Outcome.Rejected why) {

    static final int NOT_ASKED = 0;

    static Refusal of(PendingUpsert upsert, Outcome.Rejected why) {
        return new Refusal(upsert, upsert.userId(), upsert.state().key(), null, why);
    }

    /** Returns the refusal of a row that maps to no person. */
    static Refusal of(Mapped.Unmappable row, @Nullable RowKey key, AckUnit unit) {
        return new Refusal(null, row.userId(), key, unit, new Outcome.Rejected(NOT_ASKED, row.reason(), null));
    }

    /** Whether it counts against the mapping: a row that an operator requested by its key may be refused once more. */
    boolean counts() {
        if (upsert != null) {
            return !upsert.units().stream().allMatch(AckUnit::isRequestedByKey);
        }
        return unit == null || !unit.isRequestedByKey();
    }

    void withhold() {
        if (upsert != null) {
            upsert.withhold();
        }
    }
}
