package ai.flameup.sync.delivery.connection;

import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How the API is reached. Immutable.
 *
 * @param proxy null for a direct connection
 * @param trust with the trusted certificates; null for those of the JVM
 */
public record Network(@Nullable HttpProxy proxy, @Nullable SSLContext trust) {
    /** Without a proxy, and with the trusted certificates of the JVM. */
    public static final Network DIRECT = new Network(null, null);
}
