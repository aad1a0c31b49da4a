/**
 * Reads rows that do not come from the stream: first load, backfills, dead letters that are sent again, and rows that
 * a change could not carry whole. The causes take turns, a page at a time.
 *
 * <p>How a row takes its place in the stream is in {@code source.fence}; which backfills exist is in {@code state}.
 *
 * <p>Uses {@code source.fence}, {@code source.rows}, {@code state}, {@code pipeline} and {@code status}.
 */
@NullMarked
package ai.flameup.sync.backfill;

import org.jspecify.annotations.NullMarked;
