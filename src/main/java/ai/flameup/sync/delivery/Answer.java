package ai.flameup.sync.delivery;

import org.jspecify.annotations.Nullable;

/**
 * What came back for one request.
 *
 * @param quota null where the answer tells of no budget, or there was no answer
 */
public record Answer(Outcome outcome, @Nullable Quota quota) {}
