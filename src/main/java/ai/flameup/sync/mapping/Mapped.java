package ai.flameup.sync.mapping;

import ai.flameup.sync.change.PersonUpsert;

/** The result of mapping a row or a change of one. Immutable. */
public sealed interface Mapped {
    /**
     * A person to send.
     *
     * @param whole whether the change carries every mapped column; if not, the missing traits keep their values
     * @param unread whether a missing value may have changed, so that the row must be read
     * @param deleted whether it marks the person because the row was deleted
     */
    record Upsert(PersonUpsert person, boolean whole, boolean unread, boolean deleted) implements Mapped {
        public Upsert(PersonUpsert person, boolean whole, boolean unread) {
            this(person, whole, unread, false);
        }
    }

    /** The change does not contain the user id, so the row must be read. */
    record NeedsRead() implements Mapped {}

    /** Nothing is to be sent. */
    record Nothing() implements Mapped {}

    /**
     * The row has no user id.
     *
     * @param reason contains no value of the row
     * @param deleted whether the row was deleted
     */
    record Unmappable(String reason, boolean deleted) implements Mapped {
        public Unmappable(String reason) {
            this(reason, false);
        }
    }
}
