package ai.flameup.sync.observe.http;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page, the metrics and the probes at {@code status.listen} until it is closed. Read-only. Threads and connections are
 * bounded, whatever clients do.
 */
public final class StatusServer implements AutoCloseable {
    private static final int THREADS = 16;

    private final HttpServer server;
    private final ExecutorService threads;

    /**
     * Starts to listen.
     *
     * @param listen resolved here
     * @throws Fault 2 if it cannot listen there
     */
    public StatusServer(InetSocketAddress listen, StatusSource source) {
        HttpLimits.apply();
        server = bound(listen);
        threads = threads();
        HostGuard guard = new HostGuard(server.getAddress().getAddress());
        server.createContext("/", new HttpFront(guard, new Routes(source)));
        server.setExecutor(threads);
        server.start();
    }

    /** The address of the page for a browser on this machine. */
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
            throw refused(listen, "names an unknown host. Use 127.0.0.1, or off", null);
        }
        try {
            return HttpServer.create(address, 0);
        } catch (IOException e) {
            // Only the message of the system distinguishes the causes.
            throw refused(
                    listen,
                    "cannot be bound: %s. Use a free port above 1023 (ss -ltnp shows used ones) and an address of this machine, or off"
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

    /** The queue has room for every connection. Idle threads end. */
    private static ExecutorService threads() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(HttpLimits.MAX_CONNECTIONS), task -> {
                    Thread thread = new Thread(task, "status");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
