/**
 * Connections to the API: the pool, TLS, the tunnel through a proxy, time-outs, and the description of what failed.
 *
 * <p>{@code Connections} takes, gives back and discards them; {@code delivery.ApiRequest} uses one for each request.
 *
 * <p>It knows neither requests of the API nor answers. It may use {@code delivery.header} for the sanitizer.
 */
@NullMarked
package ai.flameup.sync.delivery.connection;

import org.jspecify.annotations.NullMarked;
