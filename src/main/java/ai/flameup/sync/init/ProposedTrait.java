package ai.flameup.sync.init;

import org.jspecify.annotations.Nullable;

/**
 * A column that could be the trait of its name.
 *
 * @param leftOut why it is left out; null if it is mapped
 * @param example an expression for a part of a column that is left out; null if there is none
 */
public record ProposedTrait(
        String column, @Nullable String leftOut, @Nullable String example) {
    ProposedTrait(String column, @Nullable String leftOut) {
        this(column, leftOut, null);
    }
}
