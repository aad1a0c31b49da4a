/**
 * The stand-in for Flameup's people API that the tests and the benchmark use: {@link StandIn}.
 *
 * <p>It applies requests with the API of the demo ({@code demo.StandInApi}), and adds what only tests need: faults, delays,
 * held requests, a rate limit, and a record of what was applied. It serves many thousand requests a second, because the
 * benchmark measures the sidecar with it. The API's rules for persons are not here but in the demo.
 *
 * <p>It may use {@code demo} and {@code fault}, Netty and Jackson.
 */
@NullMarked
package ai.flameup.sync.standin;

import org.jspecify.annotations.NullMarked;
