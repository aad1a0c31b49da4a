package ai.flameup.sync.mapping;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a row becomes a person. Immutable.
 *
 * @param userId the column of the user's id
 * @param email the column of the email address; null if none is sent
 * @param traits in the order in which they are sent; empty if the configuration names none, then
 *     {@link #DOCUMENTED_TRAITS} are
 */
public record MappingSettings(
        String userId, @Nullable String email, List<Trait> traits, OnNull onNull, Deletion deletion) {

    /** The fields of a person that the API documents. Each is mapped from the column of its name, if there is one. */
    public static final List<String> DOCUMENTED_TRAITS =
            List.of("first_name", "last_name", "phone", "avatar_url", "timezone", "locale");

    /**
     * What is sent for a deleted row.
     *
     * @param trait the name of the trait that marks the person
     */
    public record Deletion(OnDelete onDelete, String trait) {}

    public OnDelete onDelete() {
        return deletion.onDelete;
    }

    public String deletedTrait() {
        return deletion.trait;
    }

    /** One trait of a person. */
    public sealed interface Trait {
        /** The name in requests. */
        String name();
    }

    /**
     * A trait with the value of a column.
     *
     * @param asString whether a number is sent as a string
     */
    public record ColumnTrait(String name, String column, boolean asString) implements Trait {}

    /**
     * A trait with the same value for every person.
     *
     * @param json the value
     */
    public record ConstantTrait(String name, String json) implements Trait {}

    public enum OnNull {
        /** Null is sent, except in the first delivery of a person. */
        CLEAR,
        /** Null is always sent. */
        SEND,
        /** The trait is omitted. */
        OMIT
    }

    public enum OnDelete {
        /** Nothing is sent. */
        IGNORE,
        /** The trait that marks the person is sent. */
        MARK,
        /** The trait that marks the person is sent, and null for every other trait. */
        CLEAR
    }
}
