package ai.flameup.sync.mapping;

import ai.flameup.sync.change.PersonUpsert;

/** What a row or a change of one becomes. */
public sealed interface Mapped {
    /**
     * @param whole whether every mapped column was carried; if not, the traits that are left out keep their values
     * @param unread whether something that is left out may have changed, so that the row has to be read
     */
    record Upsert(PersonUpsert person, boolean whole, boolean unread) implements Mapped {}

    /** The change does not tell whom it is of, so the row has to be read. */
    record Unread() implements Mapped {}

    /** Nothing is to be sent. */
    record Nothing() implements Mapped {}

    /** There is nobody to send it for. The reason holds no value of the row. */
    record Unmappable(String reason) implements Mapped {}
}
