package ai.flameup.sync.mapping;

import ai.flameup.sync.change.RowKey;

/** A row, by its primary key, and what it becomes. */
public record MappedRow(RowKey key, Mapped mapped) {}
