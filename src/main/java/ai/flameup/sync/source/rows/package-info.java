/**
 * Reads rows of the table: by page, by key, by condition, each read in one snapshot and bounded in rows and bytes.
 *
 * <p>How rows take their place in the stream is in {@code source.fence}.
 *
 * <p>Uses {@code source}, {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.rows;

import org.jspecify.annotations.NullMarked;
