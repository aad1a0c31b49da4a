package ai.flameup.sync.job;

import ai.flameup.sync.mapping.Mapper;
import ai.flameup.sync.source.Database;
import ai.flameup.sync.source.Table;
import ai.flameup.sync.source.slot.Slot;

/** What a run reads, as its preparation found it. */
record RunSource(Database database, Slot slot, Table table, Mapper mapper) {}
