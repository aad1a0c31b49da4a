package ai.flameup.sync.state.pending;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How many changes and deletes are deferred. Immutable.
 *
 * @param keys the number of rows and persons
 * @param since when changes have been deferred; null if none is
 * @param firstChange the id of the change that has waited longest; 0 for none. It grows as they are sent
 */
public record Deferral(long keys, @Nullable Instant since, long firstChange) {}
