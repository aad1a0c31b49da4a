package ai.flameup.sync.app;

import ai.flameup.sync.change.RowKey;
import ai.flameup.sync.mapping.Mapped;

/** A row, by its primary key, and what it becomes. */
public record MappedRow(RowKey key, Mapped mapped) {}
