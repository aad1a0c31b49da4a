/**
 * Gives each row that was read its place in the stream, so that no older state follows a newer one.
 *
 * <p>What a run does with the rows is in {@code backfill}.
 *
 * <p>Uses {@code source.rows}, {@code source.type}.
 */
@NullMarked
package ai.flameup.sync.source.fence;

import org.jspecify.annotations.NullMarked;
