package ai.flameup.sync.mapping;

import ai.flameup.sync.change.PersonUpsert;
import org.jspecify.annotations.Nullable;

/** The result of mapping a row or a change of one. Immutable. */
public sealed interface Mapped {
    /** The person; null if it is not known. */
    @Nullable
    default String userId() {
        return null;
    }

    /** Why nothing is sent for a row that was read; null if something is. It contains no value of the row. */
    default @Nullable String reason() {
        return null;
    }

    /**
     * A person to send.
     *
     * @param whole whether the change carries every mapped column; if not, the missing traits keep their values
     * @param unread whether a missing value may have changed, so that the row must be read
     * @param ending whether it marks the person, because the row was deleted or does not meet {@code mapping.where}
     */
    record Upsert(PersonUpsert person, boolean whole, boolean unread, Ending ending) implements Mapped {
        public Upsert(PersonUpsert person, boolean whole, boolean unread) {
            this(person, whole, unread, Ending.NONE);
        }

        /** @param deleted whether the row is gone */
        public Upsert(PersonUpsert person, boolean whole, boolean unread, boolean deleted) {
            this(person, whole, unread, deleted ? Ending.CERTAIN : Ending.NONE);
        }

        @Override
        public String userId() {
            return person.userId();
        }

        /** Whether it marks the person. */
        public boolean deleted() {
            return ending != Ending.NONE;
        }
    }

    /** Whether a state marks its person. */
    enum Ending {
        /** It does not. */
        NONE,
        /** It does, and the person was delivered. */
        CERTAIN,
        /** Nothing is sent if the person was never delivered. */
        IF_DELIVERED
    }

    /**
     * The row must be read, because the change does not contain the user id, or because the mapping has expressions.
     *
     * @param userId null if it is not known
     */
    record NeedsRead(@Override @Nullable String userId) implements Mapped {}

    /** Nothing is to be sent. */
    record Nothing() implements Mapped {}

    /** The row does not meet {@code mapping.where}. */
    record Outside(@Override String userId) implements Mapped {
        @Override
        public String reason() {
            return "the row does not meet mapping.where";
        }
    }

    /**
     * The row has no user id, or an expression has no value for it.
     *
     * @param userId empty if it is not known
     * @param reason contains no value of the row
     * @param deleted whether the row was deleted
     */
    record Unmappable(@Override String userId, @Override String reason, boolean deleted) implements Mapped {
        public Unmappable(String reason, boolean deleted) {
            this("", reason, deleted);
        }

        public Unmappable(String reason) {
            this(reason, false);
        }
    }
}
