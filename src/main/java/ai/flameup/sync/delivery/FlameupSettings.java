package ai.flameup.sync.delivery;

import ai.flameup.sync.delivery.connection.Network;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Where and how upserts are sent. Immutable, except for the token.
 *
 * @param token read for each request, so that a changed token file takes effect
 * @param maxInFlight 1 to 1000
 * @param requestTimeout from sending to the complete answer; positive
 * @param network how the API is reached
 */
public record FlameupSettings(
        Endpoint endpoint, Supplier<String> token, int maxInFlight, Duration requestTimeout, Network network) {

    /**
     * The people of one workspace.
     *
     * @param baseUrl without a trailing slash; {@code https}, or {@code http} to a loopback address
     */
    public record Endpoint(URI baseUrl, String workspace) {}

    /** With a direct connection. */
    public FlameupSettings(
            URI baseUrl, String workspace, Supplier<String> token, int maxInFlight, Duration requestTimeout) {
        this(new Endpoint(baseUrl, workspace), token, maxInFlight, requestTimeout, Network.DIRECT);
    }

    public URI baseUrl() {
        return endpoint.baseUrl;
    }

    public String workspace() {
        return endpoint.workspace;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "FlameupSettings[" + baseUrl() + ", " + workspace() + "]";
    }
}
