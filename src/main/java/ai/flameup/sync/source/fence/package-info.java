/**
 * Gives rows that were read by SELECT their place in the stream, so that an older state never follows a newer one. {@code
 * Fence} is the rule, {@code Scan} and {@code KeyLookup} are the readers, and {@code Markers} writes the messages.
 *
 * <p>Knows no Debezium: the stream calls the fence. Which rows to read is decided in {@code backfill}.
 *
 * <p>May use {@code source} and {@code source.rows}.
 */
@NullMarked
package ai.flameup.sync.source.fence;

import org.jspecify.annotations.NullMarked;
