package ai.flameup.sync.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a search. Immutable.
 *
 * @param quota null where the answer tells of no budget, or there was no answer
 * @param date the API's clock at the answer, in whole seconds; null where it does not tell it
 */
public record Searched(
        Outcome outcome, @Nullable Quota quota, @Nullable Instant date) {}
