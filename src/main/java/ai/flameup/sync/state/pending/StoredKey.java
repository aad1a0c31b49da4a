package ai.flameup.sync.state.pending;

import ai.flameup.sync.change.RowKey;

/**
 * The key of a row that is to be read. Immutable.
 *
 * @param id larger than the ids of all keys that were stored before for the same cause
 */
public record StoredKey(long id, RowKey key) {}
