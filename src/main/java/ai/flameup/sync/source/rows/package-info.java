/**
 * Reads rows and keys of the table by SELECT: by page, by key, by condition, each in one snapshot. Also the events of the
 * stream, which carry rows.
 *
 * <p>The place of these rows in the stream is decided in {@code source.fence}.
 *
 * <p>May use {@code source} and {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.rows;

import org.jspecify.annotations.NullMarked;
