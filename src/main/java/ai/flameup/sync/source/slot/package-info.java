/**
 * The replication slot and the publication: inspect, create, check and advance them; the WAL that the slot retains.
 *
 * <p>The stream from the slot is in {@code source.stream}.
 *
 * <p>Uses {@code source.catalog}, {@code source.ddl}, {@code source.fence}, {@code source.rows}.
 */
@NullMarked
package ai.flameup.sync.source.slot;

import org.jspecify.annotations.NullMarked;
