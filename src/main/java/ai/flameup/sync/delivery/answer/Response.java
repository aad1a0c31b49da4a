package ai.flameup.sync.delivery.answer;

import ai.flameup.sync.delivery.header.RateLimit;
import org.jspecify.annotations.Nullable;

/**
 * The result of one request. Immutable.
 *
 * @param quota null if the answer reports no budget, or there was no answer
 * @param unreadQuota the headers of the budget, if they could not be parsed; null otherwise
 */
public record Response(
        Outcome outcome,
        @Nullable RateLimit quota,
        @Nullable String unreadQuota) {
    public Response(Outcome outcome, @Nullable RateLimit quota) {
        this(outcome, quota, null);
    }
}
