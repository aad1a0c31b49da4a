package ai.flameup.sync.it;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.observe.http.HttpLimits;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The observers of a run: a browser on its page, a Prometheus on its metrics, and a webhook. */
final class Onlookers implements AutoCloseable {
    private static final Pattern URL = Pattern.compile("Status page: (http://[^\\s\"},]+)");

    private final HttpServer webhook;
    private final Queue<String> told = new ConcurrentLinkedQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();

    Onlookers() throws IOException {
        // The JDK reads the limits once, and the status server of another test in this JVM needs them.
        HttpLimits.apply();
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        webhook.createContext("/", exchange -> {
            told.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        webhook.start();
    }

    /** The configuration under which they see something, with the webhook at this path. */
    String welcome(String configuration, String path) {
        return configuration.replace("listen: \"off\"", "listen: 127.0.0.1:0")
                + "notify:\n  url: http://localhost:%d/%s\n"
                        .formatted(webhook.getAddress().getPort(), path);
    }

    /** The bodies that the webhook received, oldest first. */
    Queue<String> told() {
        return told;
    }

    /** The run's page; it has to have said where that is. */
    static String url(SyncProcess run) {
        run.awaitLog("Status page: ", Duration.ofMinutes(1));
        Matcher found = URL.matcher(run.err());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    HttpResponse<String> get(String url) {
        try {
            return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        webhook.stop(0);
    }
}
