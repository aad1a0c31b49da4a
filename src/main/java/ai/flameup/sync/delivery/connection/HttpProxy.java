package ai.flameup.sync.delivery.connection;

import org.jspecify.annotations.Nullable;

/**
 * A proxy that carries TLS connections (HTTP CONNECT). Immutable.
 *
 * @param user null if the proxy requires no login
 * @param password a secret; empty if there is no user
 */
public record HttpProxy(String host, int port, @Nullable String user, String password) {
    /** Without the login. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
