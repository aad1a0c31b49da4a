package ai.flameup.sync.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A stand-in for Flameup's people API on a port of 127.0.0.1. It stores persons in memory by the API's documented rules,
 * and has no rate limit. Thread-safe.
 */
public final class StandInServer implements AutoCloseable {
    /** The only token that it accepts. */
    public static final String TOKEN = "demo-token";
    /** The only workspace that it has. */
    public static final String WORKSPACE = "demo";

    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int MAX_BODY = 16 * 1024 * 1024;

    private final People people = new People();
    private final StandInApi api = new StandInApi(people, TOKEN, WORKSPACE);
    private final AtomicLong requests = new AtomicLong();
    private final HttpServer server;

    private StandInServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Starts a stand-in.
     *
     * @param port 0 for any free port
     * @throws Fault if it cannot listen on the port
     */
    public static StandInServer start(int port) {
        // The JDK's server sends head and body apart. Without this, each response waits for the client's delayed ACK.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port);
            StandInServer started = new StandInServer(HttpServer.create(address, 0));
            started.server.createContext("/", started::handle);
            started.server.start();
            return started;
        } catch (IOException e) {
            throw new Fault(
                    ExitCode.USAGE,
                    "the stand-in cannot listen on port " + port + ": " + e.getMessage() + ". Choose a free port",
                    e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
            if (body.length > MAX_BODY) {
                exchange.sendResponseHeaders(413, -1);
                return;
            }
            URI uri = exchange.getRequestURI();
            ApiResponse response = api.answer(new ApiRequest(
                    exchange.getRequestMethod(),
                    uri.getPath(),
                    uri.getRawQuery(),
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    ApiRequest.parse(body)));
            byte[] json = response.body().getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(response.status(), json.length);
            exchange.getResponseBody().write(json);
        }
    }

    /** Returns {@code http://127.0.0.1:PORT}. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Returns the persons that it stores, also after it is closed. */
    public People people() {
        return people;
    }

    /** Returns the number of requests so far, refused ones included. */
    public long requests() {
        return requests.get();
    }

    /** Closes the port and every connection. */
    @Override
    public void close() {
        server.stop(0);
    }
}
