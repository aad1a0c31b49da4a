package ai.flameup.sync.observe.http;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page, the metrics and the probes from {@code status.listen} until it is closed. It reads and never changes
 * anything. However many ask, and however slowly, it takes a few threads and connections and no more.
 */
public final class StatusServer implements AutoCloseable {
    private static final int THREADS = 16;
    private static final int MOST_CONNECTIONS = 1_024;
    /** The JDK's server reads these when the first one is made; whoever sets them otherwise is heard. */
    private static final Map<String, String> LIMITS = Map.of(
            "jdk.httpserver.maxConnections", Integer.toString(MOST_CONNECTIONS),
            "sun.net.httpserver.idleInterval", "5",
            "sun.net.httpserver.maxReqTime", "5",
            "sun.net.httpserver.maxRspTime", "30",
            "sun.net.httpserver.maxReqHeaderSize", "16384",
            "sun.net.httpserver.nodelay", "true");

    private final HttpServer server;
    private final ExecutorService threads;

    /**
     * Listens from now on.
     *
     * @param listen resolved here
     * @throws Fault where it cannot listen there
     */
    public StatusServer(InetSocketAddress listen, StatusSource watched) {
        LIMITS.forEach((name, value) -> System.setProperty(name, System.getProperty(name, value)));
        server = bound(listen);
        threads = threads();
        HostGuard guard = new HostGuard(server.getAddress().getAddress());
        server.createContext("/", new HttpFront(guard, new Routes(watched)));
        server.setExecutor(threads);
        server.start();
    }

    /** Where a browser on this machine finds the page. */
    public String url() {
        InetAddress host = server.getAddress().getAddress();
        String name = host.isAnyLocalAddress() ? "localhost" : host.getHostAddress();
        return "http://" + (name.contains(":") ? "[" + name + "]" : name) + ":"
                + server.getAddress().getPort() + "/";
    }

    /** Closes every connection. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static HttpServer bound(InetSocketAddress listen) {
        InetSocketAddress address = new InetSocketAddress(listen.getHostString(), listen.getPort());
        if (address.isUnresolved()) {
            throw refused(listen, "names a host that cannot be found; take 127.0.0.1, or off", null);
        }
        try {
            return HttpServer.create(address, 0);
        } catch (IOException e) {
            // Only the words of the system tell the causes apart.
            throw refused(
                    listen,
                    "cannot be bound: %s. Choose a free port (ss -ltnp shows those in use) above 1023 and an address of this machine, or off"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private static Fault refused(InetSocketAddress listen, String what, @Nullable Throwable cause) {
        return new Fault(
                ExitCode.USAGE,
                "status.listen: %s:%s %s".formatted(listen.getHostString(), listen.getPort(), what),
                cause);
    }

    /** Every connection has a place in the queue; the threads go when nobody asks. */
    private static ExecutorService threads() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_CONNECTIONS), task -> {
                    Thread thread = new Thread(task, "status");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
