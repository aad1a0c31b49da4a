package ai.flameup.sync.delivery;

import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The way to the API. Immutable.
 *
 * @param proxy null for a direct connection
 * @param trust with the certificates that are trusted; null for the JVM's own
 */
public record Network(@Nullable HttpProxy proxy, @Nullable SSLContext trust) {
    /** Without a proxy, and with the certificates that the JVM trusts. */
    public static final Network DIRECT = new Network(null, null);
}
