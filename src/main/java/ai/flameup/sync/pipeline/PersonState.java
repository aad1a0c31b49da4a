package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.change.Position;
import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;
import org.jspecify.annotations.Nullable;

/** One state of a person, as it is to be sent. Immutable. */
final class PersonState {
    /** No email address is sent. */
    static final long NO_ADDRESS = 0;

    static final String UNREADABLE_REASON = "the change carries neither the whole row nor its key";

    enum Completeness {
        /** No mapped trait is left out. */
        WHOLE,
        /** As {@link #WHOLE}, and the person is marked as deleted. */
        DELETION,
        /** As {@link #DELETION}, but nothing is sent for a person who was never delivered. */
        DELETION_IF_DELIVERED,
        /** The traits that are left out have not changed, or the row will be read again. */
        PARTIAL,
        /** A trait that changed is left out, and the row cannot be read again, because its key is not known. */
        UNREADABLE
    }

    private final PersonUpsert upsert;
    private final long address;
    private final Position position;
    private final @Nullable RowKey key;
    private final Completeness completeness;
    private final int size;

    private PersonState(
            PersonUpsert upsert, long address, Position position, @Nullable RowKey key, Completeness completeness) {
        this.upsert = upsert;
        this.address = address;
        this.position = position;
        this.key = key;
        this.completeness = completeness;
        this.size = upsert.size();
    }

    /**
     * Returns the state that a change or a row maps to.
     *
     * @param address the hash of its email address, or {@link #NO_ADDRESS}
     * @param position its place in the stream
     */
    static PersonState of(Mapped.Upsert mapped, long address, Position position, @Nullable RowKey key) {
        return new PersonState(mapped.person(), address, position, key, completeness(mapped, key));
    }

    private static Completeness completeness(Mapped.Upsert mapped, @Nullable RowKey key) {
        if (mapped.unread() && key == null) {
            return Completeness.UNREADABLE;
        }
        return switch (mapped.ending()) {
            case CERTAIN -> Completeness.DELETION;
            case IF_DELIVERED -> Completeness.DELETION_IF_DELIVERED;
            case NONE -> mapped.whole() ? Completeness.WHOLE : Completeness.PARTIAL;
        };
    }

    PersonUpsert upsert() {
        return upsert;
    }

    long address() {
        return address;
    }

    /** Returns its place in the stream. */
    Position position() {
        return position;
    }

    @Nullable
    RowKey key() {
        return key;
    }

    boolean isWhole() {
        return completeness == Completeness.WHOLE || isDeletion();
    }

    /** Whether it marks the person as deleted. */
    boolean isDeletion() {
        return completeness == Completeness.DELETION || isOnlyIfDelivered();
    }

    /** Whether nothing is sent for a person who was never delivered. */
    boolean isOnlyIfDelivered() {
        return completeness == Completeness.DELETION_IF_DELIVERED;
    }

    boolean isUnreadable() {
        return completeness == Completeness.UNREADABLE;
    }

    /** Returns the memory that the state takes, in bytes, roughly. */
    int size() {
        return size;
    }

    /** Returns the same state for a person who was delivered before: nulls are sent. */
    PersonState withNulls() {
        return upsert.isFirst() ? new PersonState(upsert.withNulls(), address, position, key, completeness) : this;
    }

    /** Returns the same state, with the key of an older one if it has none. */
    PersonState withKeyOf(PersonState older) {
        return key == null ? new PersonState(upsert, address, position, older.key, completeness) : this;
    }

    /** Returns the same state, from which a trait may be missing. */
    PersonState asPartial() {
        return isWhole() ? new PersonState(upsert, address, position, key, Completeness.PARTIAL) : this;
    }

    /**
     * Returns this state with the traits that only an older state carries. Its completeness stays as it is.
     *
     * @param first whether the person still counts as not delivered before
     */
    PersonState filledFrom(PersonState older, boolean first) {
        return new PersonState(upsert.filledFrom(older.upsert, first), address, position, key, completeness);
    }

    /**
     * Returns the state that takes the place of an older, unsent one: traits, key and completeness that this one lacks are
     * the older one's.
     *
     * @param first whether the person still counts as not delivered before
     */
    PersonState superseding(PersonState older, boolean first) {
        return new PersonState(
                upsert.filledFrom(older.upsert, first),
                address,
                position,
                key == null ? older.key : key,
                mergedWith(older));
    }

    /** Returns what the person has at Flameup if this state was accepted after an older one. */
    PersonState acceptedAfter(PersonState older) {
        return new PersonState(upsert.filledFrom(older.upsert, false), address, position, key, mergedWith(older));
    }

    private Completeness mergedWith(PersonState older) {
        if (completeness != Completeness.PARTIAL) {
            return completeness;
        }
        return older.isWhole() ? Completeness.WHOLE : older.completeness;
    }
}
