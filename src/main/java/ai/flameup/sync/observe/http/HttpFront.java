package ai.flameup.sync.observe.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks host and method of each request, and adds the headers that every response has. Thread-safe. */
final class HttpFront implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);
    private static final Set<String> METHODS = Set.of("GET", "HEAD");
    private static final int NOT_MODIFIED = 304;
    private static final long NO_BODY = -1;

    private final HostGuard guard;
    private final Routes routes;

    HttpFront(HostGuard guard, Routes routes) {
        this.guard = guard;
        this.routes = routes;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, reply(exchange));
        }
    }

    private Reply reply(HttpExchange exchange) throws IOException {
        Headers asked = exchange.getRequestHeaders();
        if (!guard.admits(asked.getFirst("Host"))) {
            return Reply.text(
                    421, "this page is available at localhost only. A proxy must send localhost as the Host header");
        }
        if (!METHODS.contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return Reply.text(405, "only GET and HEAD are supported: this server is read-only");
        }
        String path = exchange.getRequestURI().getPath();
        try {
            return routes.reply(path == null ? "" : path, asked.getFirst("Accept"));
        } catch (RuntimeException e) {
            // The JDK's server would close the connection without a message.
            LOG.error("Internal error: the status server failed at {}. Please report this bug", path, e);
            return Reply.text(500, "internal error, see the log. Please report this bug");
        }
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", reply.contentType());
        headers.set(
                "Content-Security-Policy",
                "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", reply.etag() == null ? "no-store" : "no-cache");
        if (reply.etag() != null) {
            headers.set("ETag", reply.etag());
            if (reply.etag().equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(NOT_MODIFIED, NO_BODY);
                return;
            }
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", Integer.toString(reply.body().length));
            exchange.sendResponseHeaders(reply.code(), NO_BODY);
            return;
        }
        exchange.sendResponseHeaders(reply.code(), reply.body().length);
        exchange.getResponseBody().write(reply.body());
    }
}
