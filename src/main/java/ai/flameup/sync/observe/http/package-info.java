/**
 * The status server: the page, the JSON documents, the probes and the metrics endpoint. The files of the page are resources of
 * this package.
 *
 * <p>The server is read-only, and shows what {@code StatusSource} supplies.
 *
 * <p>May use {@code observe}, {@code observe.metrics} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.observe.http;

import org.jspecify.annotations.NullMarked;
