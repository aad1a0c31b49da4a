package ai.flameup.sync.observe.http;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps other sites out of a server that listens on loopback: a browser can be made to ask it by a name that points here
 * (DNS rebinding), but then says that name. Whoever listens elsewhere has a name that we cannot know. Immutable.
 */
final class HostGuard {
    private static final Pattern OURS =
            Pattern.compile("(?:(?:[a-z0-9-]+\\.)*localhost|127(?:\\.\\d{1,3}){3}|\\[::1])(?::\\d{1,5})?");

    private final boolean guarded;

    HostGuard(InetAddress listen) {
        guarded = listen.isLoopbackAddress();
    }

    /**
     * @param host the request's header; null is no browser
     */
    boolean admits(@Nullable String host) {
        return !guarded
                || host == null
                || OURS.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }
}
