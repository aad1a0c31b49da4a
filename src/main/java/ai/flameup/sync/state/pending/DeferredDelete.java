package ai.flameup.sync.state.pending;

import java.time.Instant;

/**
 * A delete that was not sent. Immutable.
 *
 * @param id larger than the ids of all earlier ones
 * @param at when the row was deleted
 */
public record DeferredDelete(long id, String userId, Instant at) {}
