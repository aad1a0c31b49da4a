package ai.flameup.sync.delivery;

import org.jspecify.annotations.Nullable;

/**
 * The result of one request. Immutable.
 *
 * @param quota null if the answer reports no budget, or there was no answer
 * @param unreadQuota the headers of the budget, if they could not be parsed; null otherwise
 */
public record Answer(
        Outcome outcome, @Nullable Quota quota, @Nullable String unreadQuota) {
    public Answer(Outcome outcome, @Nullable Quota quota) {
        this(outcome, quota, null);
    }
}
