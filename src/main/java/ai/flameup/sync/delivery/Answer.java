package ai.flameup.sync.delivery;

import org.jspecify.annotations.Nullable;

/**
 * What came back for one request.
 *
 * @param quota null where the answer tells of no budget, or there was no answer
 * @param unreadQuota the headers of the budget, if there are any and they are not understood; null otherwise
 */
public record Answer(
        Outcome outcome, @Nullable Quota quota, @Nullable String unreadQuota) {
    public Answer(Outcome outcome, @Nullable Quota quota) {
        this(outcome, quota, null);
    }
}
