package ai.flameup.sync.job;

import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.status.Counters;

/** Where a run records what it did. */
record RunRecords(StateStore store, StateWriter writer, Counters counters) {}
