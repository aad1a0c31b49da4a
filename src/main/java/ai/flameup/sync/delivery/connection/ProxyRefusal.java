package ai.flameup.sync.delivery.connection;

import java.io.IOException;

/** The proxy opened no tunnel to the API. */
final class ProxyRefusal extends IOException {
    private static final int AUTHENTICATION_REQUIRED = 407;

    /** @param message as of {@link ConnectionFault} */
    ProxyRefusal(String message, Exception cause) {
        super(message, cause);
    }

    ProxyRefusal(HttpProxy proxy, int status) {
        super("the proxy %s refused the connection with status %s; check flameup.proxy or HTTPS_PROXY%s"
                .formatted(
                        proxy,
                        status,
                        status == AUTHENTICATION_REQUIRED
                                ? ", which must contain the user and password of the proxy"
                                : ""));
    }
}
