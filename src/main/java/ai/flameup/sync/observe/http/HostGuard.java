package ai.flameup.sync.observe.http;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Protects a server on a loopback address from DNS rebinding: another site can make a browser send requests here under its own
 * name, but the Host header then has that name. On other addresses the valid names are unknown, so all are admitted. Immutable.
 */
final class HostGuard {
    private static final Pattern OURS =
            Pattern.compile("(?:(?:[a-z0-9-]+\\.)*localhost|127(?:\\.\\d{1,3}){3}|\\[::1])(?::\\d{1,5})?");

    private final boolean guarded;

    HostGuard(InetAddress listen) {
        guarded = listen.isLoopbackAddress();
    }

    /**
     * @param host the request's header; null if the client is no browser
     */
    boolean admits(@Nullable String host) {
        return !guarded
                || host == null
                || OURS.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }
}
