package ai.flameup.sync.state;

import ai.flameup.sync.change.RowKey;

/**
 * A row that is to be read again.
 *
 * @param id larger than that of every request before
 */
public record Deferred(long id, RowKey key) {}
