package ai.flameup.sync.delivery;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.header.RateLimit;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The result of a search. Immutable.
 *
 * @param quota null if the answer reports no budget, or there was no answer
 * @param date the API's clock at the answer, in whole seconds; null if the answer has no {@code Date}
 */
public record SearchResult(
        Outcome outcome,
        @Nullable RateLimit quota,
        @Nullable Instant date) {}
