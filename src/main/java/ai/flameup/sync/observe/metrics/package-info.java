/**
 * A job's metrics: the table of all metrics, the text formats, and the file for node_exporter.
 *
 * <p>{@code MetricTable} is the place to add a metric. The endpoint is in {@code observe.http}.
 *
 * <p>May use {@code observe} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.observe.metrics;

import org.jspecify.annotations.NullMarked;
