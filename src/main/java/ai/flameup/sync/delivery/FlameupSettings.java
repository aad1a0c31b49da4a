package ai.flameup.sync.delivery;

import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Where and how upserts are sent.
 *
 * @param baseUrl without a trailing slash; {@code https}, or {@code http} to a loopback address
 * @param token asked for at each request, so that a token file that was changed is seen
 * @param maxInFlight 1 to 1000
 * @param requestTimeout from sending to the whole answer; positive
 * @param network how the API is reached
 */
public record FlameupSettings(
        URI baseUrl,
        String workspace,
        Supplier<String> token,
        int maxInFlight,
        Duration requestTimeout,
        Network network) {
    /** Over a direct connection. */
    public FlameupSettings(
            URI baseUrl, String workspace, Supplier<String> token, int maxInFlight, Duration requestTimeout) {
        this(baseUrl, workspace, token, maxInFlight, requestTimeout, Network.DIRECT);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "FlameupSettings[" + baseUrl + ", " + workspace + "]";
    }
}
