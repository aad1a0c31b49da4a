package ai.flameup.sync.mapping;

import ai.flameup.sync.change.Watch;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a row becomes a person. Immutable.
 *
 * @param userId the column of the user's id
 * @param email where the email address comes from: a column or an expression; null if none is sent
 * @param traits in the order in which they are sent; empty if the configuration names none, then
 *     {@link #DOCUMENTED_TRAITS} are
 */
public record MappingSettings(
        String userId, @Nullable Trait email, List<Trait> traits, Values values, Membership membership) {

    /** The fields of a person that the API documents. Each is mapped from the column of its name, if there is one. */
    public static final List<String> DOCUMENTED_TRAITS =
            List.of("first_name", "last_name", "phone", "avatar_url", "timezone", "locale");

    /**
     * How values are computed and sent.
     *
     * @param timeout the maximum time of a statement that computes expressions
     * @param watch the other tables whose changes may change values
     */
    public record Values(OnNull onNull, Duration timeout, List<Watch> watch) {
        public Values(OnNull onNull) {
            this(onNull, Duration.ofSeconds(10), List.of());
        }
    }

    /** The other tables whose changes may change values. */
    public List<Watch> watch() {
        return values.watch;
    }

    public OnNull onNull() {
        return values.onNull;
    }

    /** The maximum time of a statement that computes expressions. */
    public Duration timeout() {
        return values.timeout;
    }

    /**
     * Which rows are sent, and what is sent if a row is deleted or no longer meets the condition.
     *
     * @param where an SQL condition on the row; null if every row is sent
     * @param trait the name of the trait that marks the person
     */
    public record Membership(@Nullable String where, OnDelete onDelete, String trait) {}

    public @Nullable String where() {
        return membership.where;
    }

    public OnDelete onDelete() {
        return membership.onDelete;
    }

    public String deletedTrait() {
        return membership.trait;
    }

    /** Whether a value or the condition is computed by the server, so that every changed row is read. */
    public boolean hasSql() {
        return where() != null || email instanceof SqlTrait || traits.stream().anyMatch(SqlTrait.class::isInstance);
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
     * A trait that the server computes when it reads the row.
     *
     * @param sql an expression over the columns of the row
     * @param asString whether a number is sent as a string
     */
    public record SqlTrait(String name, String sql, boolean asString) implements Trait {}

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
