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
import org.jspecify.annotations.Nullable;

/**
 * A stand-in for Flameup's people API on a port of 127.0.0.1. It stores persons in memory by the API's documented rules,
 * and has no rate limit. It can fail, and refuse one person. Thread-safe.
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
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean failing;
    private volatile @Nullable String refusedEmail;
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
            ApiResponse response = answer(new ApiRequest(
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

    private ApiResponse answer(ApiRequest request) {
        if (failing) {
            failed.incrementAndGet();
            return ApiResponse.plain(503, "unavailable", "The service is not available");
        }
        String email = refusedEmail;
        if (email != null && request.body().findValuesAsText("email").contains(email)) {
            refused.incrementAndGet();
            return ApiResponse.invalid(422, "email", "is not accepted");
        }
        ApiResponse response = api.answer(request);
        if (response.status() == 200) {
            accepted.addAndGet(Math.max(1, request.body().path("people").size()));
        }
        return response;
    }

    /** Starts or ends an outage, in which each request is answered with 503. */
    void fail(boolean failing) {
        this.failing = failing;
    }

    /** @param email a request with a person of this address is refused with 422; null refuses none */
    void refuse(@Nullable String email) {
        this.refusedEmail = email;
    }

    /** Returns how many persons were accepted so far, each as often as it was sent. */
    long accepted() {
        return accepted.get();
    }

    /** Returns the number of requests that were answered with 503. */
    long failed() {
        return failed.get();
    }

    /** Returns the number of requests that were refused because of {@link #refuse}. */
    long refused() {
        return refused.get();
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
