package ai.flameup.sync.mapping;

import ai.flameup.sync.change.RowKey;

/** The primary key of a row, and the result of mapping the row. */
public record MappedRow(RowKey key, Mapped mapped) {}
