/**
 * A job's metrics: their table, the text formats, and the file for node_exporter.
 *
 * <p>Uses {@code observe}.
 */
@NullMarked
package ai.flameup.sync.observe.metrics;

import org.jspecify.annotations.NullMarked;
