package ai.flameup.sync.job;

import ai.flameup.sync.change.Lsn;
import ai.flameup.sync.state.StateStore;
import ai.flameup.sync.state.StateWriter;
import ai.flameup.sync.status.Counters;
import java.util.function.Supplier;

/**
 * Where a run records what it did.
 *
 * @param position returns the stored position; from any thread
 */
record RunRecords(StateStore store, StateWriter writer, Supplier<Lsn> position, Counters counters) {}
