package ai.flameup.sync.mapping;

import ai.flameup.sync.change.PersonUpsert;

/** What a row or a change of one becomes. */
public sealed interface Mapped {
    /**
     * @param whole whether every mapped column was carried; if not, the traits that are left out keep their values
     * @param unread whether something that is left out may have changed, so that the row has to be read
     * @param deleted whether it marks the person because the row was deleted
     */
    record Upsert(PersonUpsert person, boolean whole, boolean unread, boolean deleted) implements Mapped {
        public Upsert(PersonUpsert person, boolean whole, boolean unread) {
            this(person, whole, unread, false);
        }
    }

    /** The change does not tell whom it is of, so the row has to be read. */
    record Unread() implements Mapped {}

    /** Nothing is to be sent. */
    record Nothing() implements Mapped {}

    /**
     * There is nobody to send it for.
     *
     * @param reason holds no value of the row
     * @param deleted whether the row was deleted
     */
    record Unmappable(String reason, boolean deleted) implements Mapped {
        public Unmappable(String reason) {
            this(reason, false);
        }
    }
}
