package ai.flameup.sync.observe.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.History;
import ai.flameup.sync.observe.Status;
import ai.flameup.sync.observe.StatusJson;
import ai.flameup.sync.observe.Statuses;
import ai.flameup.sync.observe.metrics.Exposition;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The responses of the status server, with their headers. */
class StatusServerIT {
    private static final Instant AT = Instant.parse("2026-11-26T03:12:00Z");

    private final HttpClient client = HttpClient.newHttpClient();
    private Supplier<Status> status = () -> Statuses.inStep(AT);
    private Supplier<History> history = () -> Statuses.history(Statuses.inStep(AT));
    private boolean alive = true;
    private @Nullable Path home;
    private StatusServer server = serve("127.0.0.1", 0);

    private StatusServer serve(String host, int port) {
        return new StatusServer(
                InetSocketAddress.createUnresolved(host, port),
                new StatusSource(() -> status.get(), () -> history.get(), () -> alive, new Figures(), home));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void page_isServedWithItsFiles_andRevalidated() throws Exception {
        HttpResponse<String> page = get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-cache");
        assertThat(page.body()).contains("<title>flameup-sync</title>");
        for (String part : page.body().split("(?:src|href)=\"", -1)) {
            String path = part.substring(0, part.indexOf('"'));
            if (path.matches("/[a-z-]+\\.(js|css|svg)")) {
                assertThat(get(path).statusCode()).as(path).isEqualTo(200);
            }
        }
        String etag = page.headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again = send(request("/").header("If-None-Match", etag));
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void statusAndHistory_areJson_andNotCached() throws Exception {
        HttpResponse<String> response = get("/api/status");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(json(response)).isEqualTo(json(StatusJson.of(status.get()).toString()));

        JsonNode samples = json(get("/api/history")).get("samples");
        assertThat(samples).hasSize(361);
        assertThat(samples.get(360).toString())
                .isEqualTo("{\"at\":\"2026-11-26T03:12:00Z\",\"lag_seconds\":0.0,\"retained_wal_bytes\":50331648,"
                        + "\"delivered_per_second\":3.4,\"requests_per_minute\":96.0,\"waiting\":0}");
        assertThat(json(get("/api/history")).get("events").get(4).toString())
                .isEqualTo(
                        "{\"at\":\"2026-11-26T02:32:00Z\",\"kind\":\"halted\",\"message\":\"Flameup refuses with status 401\"}");
        assertThat(samples.get(120).get("lag_seconds").isNull()).isTrue();
    }

    @Test
    void documents_areServedIfTheirDirectoryIsKnown() throws Exception {
        assertThat(get("/").body()).contains("</html>").doesNotContain("Documents", ".md");
        assertThat(get("/README.md").statusCode()).isEqualTo(404);
        server.close();
        home = Path.of("");
        server = serve("127.0.0.1", 0);
        Matcher links = Pattern.compile("href=\"(/[^\"]+\\.md)\"").matcher(get("/").body());
        assertThat(links.results().map(link -> link.group(1)).toList())
                .hasSize(3)
                .allSatisfy(path -> {
                    HttpResponse<String> document = get(path);
                    assertThat(document.body()).isEqualTo(Files.readString(Path.of(path.substring(1))));
                    assertThat(document.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
                });
        assertThat(get("/pom.xml").statusCode()).isEqualTo(404);
        assertThat(get("/src/site/markdown/../../../pom.xml").statusCode()).isEqualTo(404);
        server.close();
        home = Path.of("src");
        server = serve("127.0.0.1", 0);
        assertThat(get("/").body()).contains("</html>").doesNotContain(".md");
    }

    @Test
    void times_haveNoDigitsBeyondMilliseconds() throws Exception {
        Instant precise = Instant.parse("2026-12-01T02:00:00.123456789Z");
        status = () -> Statuses.slotGone(precise);
        history = () -> Statuses.history(Statuses.slotGone(precise));
        for (String path : List.of("/api/status", "/api/history")) {
            assertThat(get(path).body()).contains("2026-12-01T02:00:00.123Z").doesNotContain("123456");
        }
    }

    @Test
    void probes_reportProgressOrReason() throws Exception {
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        status = () -> Statuses.halted(AT);
        HttpResponse<String> ready = get("/readyz");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body())
                .isEqualTo(
                        "halted: token refused\nTo check it, run `flameup-sync doctor --config /etc/flameup-sync/flameup-sync.yaml`.\n");
        assertThat(get("/livez").statusCode()).as("halted, but alive").isEqualTo(200);
        alive = false;
        assertThat(get("/livez").statusCode()).isEqualTo(503);
    }

    @Test
    void metrics_useTheFormatOfTheExposition() throws Exception {
        HttpResponse<String> metrics = send(request("/metrics").header("Accept", "application/openmetrics-text"));
        assertThat(metrics.headers().firstValue("Content-Type")).hasValue("for application/openmetrics-text");
        assertThat(metrics.body()).isEqualTo("figures for application/openmetrics-text");
        assertThat(metrics.headers().firstValue("Cache-Control")).hasValue("no-store");
    }

    @Test
    void responses_haveSecurityHeaders() throws Exception {
        for (String path : List.of("/", "/api/status", "/nowhere")) {
            var headers = get(path).headers();
            assertThat(headers.firstValue("Content-Security-Policy"))
                    .hasValue("default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
                            + " frame-ancestors 'none'");
            assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(headers.firstValue("Referrer-Policy")).hasValue("no-referrer");
            assertThat(headers.firstValue("Cross-Origin-Resource-Policy")).hasValue("same-origin");
            assertThat(headers.firstValue("Access-Control-Allow-Origin")).isEmpty();
        }
    }

    @Test
    void otherMethodsThanGetAndHead_areRefused() throws Exception {
        HttpResponse<String> head = send(request("/api/status").method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length"))
                .hasValue(Integer.toString(get("/api/status").body().getBytes(StandardCharsets.UTF_8).length));
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
            HttpResponse<String> refused = send(request("/api/status").method(method, BodyPublishers.ofString("x")));
            assertThat(refused.statusCode()).as(method).isEqualTo(405);
            assertThat(refused.headers().firstValue("Allow")).hasValue("GET, HEAD");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nowhere",
                "/api",
                "/api/status/",
                "//app.js",
                "/page/index.html",
                "/../http/page/app.js",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/../../../../etc/passwd",
                "/index.html/../app.js"
            })
    void unknownPath_isNotFound(String path) throws IOException {
        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:9700", "127.0.0.1:1", "127.8.8.8", "[::1]:9700", "app.localhost"})
    void localHostName_isAdmitted(String host) throws IOException {
        assertThat(asked(host)).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:9700",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "10.0.0.1"
            })
    void foreignHostName_isRefused(String host) throws IOException {
        assertThat(asked(host)).startsWith("HTTP/1.1 421 ").contains("this page is available at localhost only");
    }

    @Test
    void anyHostName_isAdmitted_onOtherAddresses() throws IOException {
        server.close();
        server = serve("0.0.0.0", 0);
        assertThat(asked("sync.internal")).startsWith("HTTP/1.1 200 ");
        assertThat(server.url()).startsWith("http://localhost:");
    }

    @Test
    void failure_isReportedAsInternalError() throws Exception {
        status = () -> {
            throw new IllegalStateException("broken");
        };
        HttpResponse<String> failed = get("/api/status");
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).contains("Please report this bug").doesNotContain("broken");
    }

    @Test
    void usedPort_isNamed() {
        int port = URI.create(server.url()).getPort();
        assertThatThrownBy(() -> serve("127.0.0.1", port).close())
                .asInstanceOf(type(Fault.class))
                .satisfies(fault -> {
                    assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
                    assertThat(fault.problems())
                            .containsExactly(
                                    "status.listen: 127.0.0.1:" + port
                                            + " cannot be bound: Address already in use. Use a free port above 1023 (ss -ltnp shows used ones) and an address of this machine, or off");
                });
    }

    @Test
    void unknownAddress_isNamed() {
        assertThatThrownBy(() -> serve("192.0.2.1", 9700).close())
                .isInstanceOf(Fault.class)
                .hasMessageStartingWith("status.listen: 192.0.2.1:9700 cannot be bound: ")
                .hasMessageEndingWith("and an address of this machine, or off");
        assertThatThrownBy(() -> serve("nowhere.invalid", 9700).close())
                .isInstanceOf(Fault.class)
                .hasMessage("status.listen: nowhere.invalid:9700 names an unknown host. Use 127.0.0.1, or off");
    }

    @Test
    void port_canBeReusedAtOnce() throws Exception {
        get("/");
        int port = URI.create(server.url()).getPort();
        server.close();
        server = serve("127.0.0.1", port);
        assertThat(get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void slowClients_doNotBlockOthers() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 32; i++) {
                Socket socket = connect();
                socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: local".getBytes(StandardCharsets.US_ASCII));
                slow.add(socket);
            }
            assertThat(send(request("/livez").timeout(Duration.ofSeconds(30))).statusCode())
                    .isEqualTo(200);
            slow.get(0).setSoTimeout(30_000);
            assertThat(slow.get(0).getInputStream().read()).as("closed").isEqualTo(-1);
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private String asked(String host) throws IOException {
        return raw("GET /livez HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Socket connect() throws IOException {
        return new Socket(
                InetAddress.getLoopbackAddress(), URI.create(server.url()).getPort());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.url()).resolve(path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return json(answer.body());
    }

    private static JsonNode json(String text) throws IOException {
        return JsonMapper.builder().build().readTree(text);
    }

    private static final class Figures implements Exposition {
        @Override
        public String contentType(@Nullable String accept) {
            return "for " + accept;
        }

        @Override
        public void write(@Nullable String accept, OutputStream out) throws IOException {
            out.write(("figures for " + accept).getBytes(StandardCharsets.UTF_8));
        }
    }
}
