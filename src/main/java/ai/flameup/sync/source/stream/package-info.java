/**
 * The only package that uses Debezium: runs the engine and decodes its records into stream events.
 *
 * <p>Which position to start from is decided by the store.
 *
 * <p>Uses {@code source.fence}, {@code source.rows}, {@code source.slot}, {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.stream;

import org.jspecify.annotations.NullMarked;
