/**
 * The replication slot and the publication: inspect, create, check and advance them, peek into the slot's content, and
 * measure the WAL that it retains. {@code RenameGuard} checks the names in the stream.
 *
 * <p>The stream from the slot is in {@code source.stream}. Roles and rights are in {@code source.setup}. Whether a run may
 * continue from the slot is decided in {@code resume}.
 *
 * <p>May use {@code source}, {@code source.catalog}, {@code source.ddl}, {@code source.fence} and {@code source.rows}.
 */
@NullMarked
package ai.flameup.sync.source.slot;

import org.jspecify.annotations.NullMarked;
