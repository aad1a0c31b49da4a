package ai.flameup.sync.observe.http;

import java.util.Map;

/**
 * The limits of the JDK's HTTP server, which hold for the whole process: the JDK reads them once, when the first server is
 * created. Stateless.
 */
public final class HttpLimits {
    static final int MAX_CONNECTIONS = 1_024;
    private static final Map<String, String> LIMITS = Map.of(
            "jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS),
            "sun.net.httpserver.idleInterval", "5",
            "sun.net.httpserver.maxReqTime", "5",
            "sun.net.httpserver.maxRspTime", "30",
            "sun.net.httpserver.maxReqHeaderSize", "16384",
            "sun.net.httpserver.nodelay", "true");

    private HttpLimits() {}

    /** Sets the limits. Call this before the first server is created. Values from the command line have priority. */
    public static void apply() {
        LIMITS.forEach((name, value) -> System.setProperty(name, System.getProperty(name, value)));
    }
}
