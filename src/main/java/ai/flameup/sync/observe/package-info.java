/**
 * What operators see of a job: its status as a record and as JSON, the samples of the last hour, the last events, and the settings.
 *
 * <p>{@code http} serves the page, the probes and the metrics, {@code metrics} formats the metrics, and {@code notify} sends
 * notifications. How a status is determined is not here: that is in the package {@code status}.
 *
 * <p>May use {@code fault} only.
 */
@NullMarked
package ai.flameup.sync.observe;

import org.jspecify.annotations.NullMarked;
