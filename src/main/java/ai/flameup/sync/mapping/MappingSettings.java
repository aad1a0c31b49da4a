package ai.flameup.sync.mapping;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which column becomes what.
 *
 * @param userId the column of the user's id
 * @param email the column of the email address, or null where none is sent
 * @param traits in the order in which they are sent; empty where the configuration names none, then
 *     {@link #DOCUMENTED_TRAITS} are
 */
public record MappingSettings(
        String userId,
        @Nullable String email,
        List<Trait> traits,
        OnNull onNull,
        OnDelete onDelete,
        String deletedTrait) {

    /** The fields of a person that the API documents, each mapped from the column of its name where there is one. */
    public static final List<String> DOCUMENTED_TRAITS =
            List.of("first_name", "last_name", "phone", "avatar_url", "timezone", "locale");

    /** One trait. */
    public sealed interface Trait {
        /** As it is sent. */
        String name();
    }

    /**
     * A trait that a column gives.
     *
     * @param asString whether a number is sent as a string
     */
    public record ColumnTrait(String name, String column, boolean asString) implements Trait {}

    /**
     * A trait that everybody has alike.
     *
     * @param json its value
     */
    public record ConstantTrait(String name, String json) implements Trait {}

    public enum OnNull {
        /** Null is sent, except in a person's first delivery. */
        CLEAR,
        /** Null is always sent. */
        SEND,
        /** The trait is left out. */
        OMIT
    }

    public enum OnDelete {
        /** Nothing is sent. */
        IGNORE,
        /** The deleted-trait is sent. */
        MARK,
        /** The deleted-trait is sent, and null for every other. */
        CLEAR
    }
}
