/**
 * Computes where a job stands: counters, lag, the state in one word with its reason and remedy, the notices. Reads
 * and writes {@code status.json}.
 *
 * <p>Serving it over HTTP, as metrics and as notifications is in {@code observe}.
 *
 * <p>Uses {@code observe}, {@code config}, {@code source}, {@code state}, and the gauges of {@code pipeline}.
 */
@NullMarked
package ai.flameup.sync.status;

import org.jspecify.annotations.NullMarked;
