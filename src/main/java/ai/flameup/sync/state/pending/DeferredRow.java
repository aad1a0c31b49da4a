package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.RowKey;

/**
 * A row that is to be read again. Immutable.
 *
 * @param id larger than the ids of all earlier requests
 */
public record DeferredRow(long id, RowKey key) {}
