/**
 * The status server: the page, the JSON documents, the probes and the metrics endpoint.
 *
 * <p>Uses {@code observe} and {@code observe.metrics}.
 */
@NullMarked
package ai.flameup.sync.observe.http;

import org.jspecify.annotations.NullMarked;
