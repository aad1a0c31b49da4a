/**
 * Work that waits in the store: dead letters and their retries, deferred rows, and backfills.
 *
 * <p>The classes named {@code ...Table} contain the SQL and need an open transaction. The others are what commands and the job
 * call. It does not contain what is delivered, nor the position. It may use {@code state.sqlite}.
 */
@NullMarked
package ai.flameup.sync.state.pending;

import org.jspecify.annotations.NullMarked;
