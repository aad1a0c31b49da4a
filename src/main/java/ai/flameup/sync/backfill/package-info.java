/**
 * Reads rows that do not come from the stream: first load, backfills, retried dead letters and deferred rows.
 *
 * <p>{@code ReadScheduler} runs the thread. Its causes, {@code RereadReader}, {@code DeferredReader}, {@code RetryReader} and {@code
 * BackfillReader}, take turns, a page at a time. {@code StoredKeys} reads the pages of keys that the store holds until their rows are
 * settled. {@code ReleaseOrder} puts rows behind those of the persons who hold their addresses. {@code SendForecast} computes how
 * long sending takes.
 *
 * <p>How a row gets its place in the stream is in {@code source.fence}. Which backfills exist is in {@code state}.
 *
 * <p>Uses {@code source.fence}, {@code source.rows}, {@code state}, {@code pipeline} and {@code status}.
 */
@NullMarked
package ai.flameup.sync.backfill;

import org.jspecify.annotations.NullMarked;
