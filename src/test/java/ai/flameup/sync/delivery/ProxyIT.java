package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.flameup.sync.config.Settings;
import ai.flameup.sync.config.SettingsFile;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.fault.ExitCode;
import ai.flameup.sync.fault.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API and the webhook through a proxy, and with a certificate of a private authority, as the configuration says. */
class ProxyIT {
    private static final String PASSWORD = "changeit";
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    @TempDir
    static Path directory;

    private RawServer api;
    private Proxy proxy;

    @BeforeAll
    static void makeCertificate() throws Exception {
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost");
        keytool("-exportcert", "-rfc", "-file", directory.resolve("ca.pem").toString());
    }

    private static void keytool(String... arguments) throws Exception {
        keytoolOf("server.p12", arguments);
    }

    private static void keytoolOf(String store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-alias", "server", "-storepass", PASSWORD));
        command.addAll(List.of("-keystore", directory.resolve(store).toString()));
        Process keytool = new ProcessBuilder(command).inheritIO().start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
    }

    private static ServerSocket tls() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("server.p12"))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @BeforeEach
    void start() throws Exception {
        api = RawServer.start(tls(), RawServer.answering(OK));
        proxy = new Proxy("200 Connection established");
    }

    @AfterEach
    void close() throws Exception {
        proxy.close();
        api.close();
    }

    private Settings load(String flameup, Map<String, String> environment) throws IOException {
        Path file =
                Files.writeString(directory.resolve(SettingsFile.NAME), """
                postgres: {url: 'jdbc:postgresql://db/app', username: me, table: public.users}
                flameup: {base-url: 'https://localhost:%d', workspace: demo, token: demo-token%s}
                notify: {url: 'https://localhost:%d/hook'}
                """.formatted(api.port(), flameup, api.port()));
        return SettingsFile.load(file, environment);
    }

    private Outcome upsert(String flameup, Map<String, String> environment) throws Exception {
        try (Caller caller = new Caller(load(flameup, environment).flameup())) {
            return caller.outcome();
        }
    }

    @Test
    void caFile_isTrustedInAdditionToJvm() throws Exception {
        assertThat(upsert("", Map.of()))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.reason())
                        .contains("no TLS connection", "flameup.ca-file"));
        assertThat(upsert(", ca-file: ca.pem", Map.of())).isEqualTo(new Outcome.Accepted(Set.of()));
        assertThat(upsert(", ca-file: " + directory.resolve("ca.pem"), Map.of()))
                .isEqualTo(new Outcome.Accepted(Set.of()));
        assertThat(proxy.heads).isEmpty();
    }

    @Test
    void jvmCertificates_areTrustedInAdditionToCaFile() throws Exception {
        keytoolOf("other.p12", "-genkeypair", "-keyalg", "EC", "-dname", "CN=other");
        keytoolOf(
                "other.p12",
                "-exportcert",
                "-rfc",
                "-file",
                directory.resolve("other.pem").toString());
        keytoolOf(
                "jvm.p12",
                "-importcert",
                "-noprompt",
                "-file",
                directory.resolve("ca.pem").toString());
        System.setProperty(TRUST_STORE, directory.resolve("jvm.p12").toString());
        System.setProperty(TRUST_STORE + "Password", PASSWORD);
        try {
            assertThat(upsert(", ca-file: other.pem", Map.of())).isEqualTo(new Outcome.Accepted(Set.of()));
        } finally {
            System.clearProperty(TRUST_STORE);
            System.clearProperty(TRUST_STORE + "Password");
        }
        assertThat(upsert(", ca-file: other.pem", Map.of())).isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void proxy_carriesConnectionWithoutToken() throws Exception {
        String flameup = ", ca-file: ca.pem, proxy: 'http://user:pass%%20word@127.0.0.1:%d'".formatted(proxy.port());
        try (Caller caller = new Caller(load(flameup, Map.of()).flameup())) {
            for (int i = 0; i < 5; i++) {
                assertThat(caller.outcome()).isEqualTo(new Outcome.Accepted(Set.of()));
            }
        }
        assertThat(proxy.heads)
                .singleElement()
                .asString()
                .startsWith("CONNECT localhost:" + api.port() + " HTTP/1.1\r\n")
                .contains("Host: localhost:" + api.port())
                // user:pass word
                .contains("Proxy-Authorization: Basic dXNlcjpwYXNzIHdvcmQ=")
                .doesNotContain("demo-token");
        assertThat(api.heads()).hasSize(5).allSatisfy(head -> assertThat(head)
                .contains("Bearer demo-token")
                .doesNotContain("Proxy-Authorization"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTPS_PROXY", "https_proxy"})
    void environmentVariable_isDefaultProxy(String variable) throws Exception {
        String url = "http://127.0.0.1:" + proxy.port();
        Map<String, String> environment = Map.of(variable, url);

        assertThat(upsert(", ca-file: ca.pem", environment)).isEqualTo(new Outcome.Accepted(Set.of()));
        assertThat(proxy.heads).hasSize(1);

        upsert(", ca-file: ca.pem, proxy: off", environment);
        upsert(", ca-file: ca.pem", Map.of(variable, url, "NO_PROXY", "example.com,localhost"));
        assertThat(proxy.heads).hasSize(1);
        assertThat(api.heads()).hasSize(3);
    }

    @Test
    void webhook_usesProxy() throws Exception {
        Settings settings = load(", ca-file: ca.pem, proxy: '127.0.0.1:%d'".formatted(proxy.port()), Map.of());
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + api.port() + "/hook"))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();

        assertThat(settings.observe()
                        .notifyClient()
                        .get()
                        .build()
                        .send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
        assertThat(proxy.heads).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"407 Proxy Authentication Required", "403 Forbidden"})
    void refusalOfProxy_isNamed(String status) throws Exception {
        try (Proxy refusing = new Proxy(status)) {
            Outcome outcome =
                    upsert(", ca-file: ca.pem, proxy: 'http://localhost:%d'".formatted(refusing.port()), Map.of());

            assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.reason())
                        .contains("the proxy localhost:" + refusing.port(), status.substring(0, 3), "flameup.proxy");
                assertThat(failed.mayBeApplied()).isFalse();
            });
            assertThat(api.heads()).isEmpty();
        }
    }

    @Test
    void invalidSettings_areRefused() throws Exception {
        Files.writeString(directory.resolve("empty.pem"), "");
        Files.writeString(directory.resolve("text.pem"), "no certificate");
        for (String flameup : List.of(
                ", proxy: 'socks5://secret@h:1080'",
                ", proxy: 'http://secret@h'",
                ", ca-file: missing.pem",
                ", ca-file: empty.pem",
                ", ca-file: text.pem")) {
            Fault fault = assertThatExceptionOfType(Fault.class)
                    .isThrownBy(() -> load(flameup, Map.of()))
                    .actual();
            assertThat(fault.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(fault.problems())
                    .singleElement()
                    .asString()
                    .contains("flameup." + flameup.substring(2, flameup.indexOf(':')))
                    .doesNotContain("secret");
        }
    }

    /** Answers CONNECT, and carries bytes where it agrees. */
    private static final class Proxy implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final List<String> heads = new CopyOnWriteArrayList<>();
        private final String status;

        Proxy(String status) throws IOException {
            this.status = status;
            threads.execute(this::accept);
        }

        int port() {
            return server.getLocalPort();
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    Socket client = server.accept();
                    sockets.add(client);
                    threads.execute(() -> serve(client));
                } catch (IOException closing) {
                    return;
                }
            }
        }

        private void serve(Socket client) {
            try (client) {
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    int next = client.getInputStream().read();
                    if (next < 0) {
                        return;
                    }
                    head.append((char) next);
                }
                heads.add(head.toString());
                client.getOutputStream()
                        .write(("HTTP/1.1 " + status + "\r\n" + (status.startsWith("2") ? "" : "Content-Length: 0\r\n")
                                        + "\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                if (status.startsWith("2")) {
                    String authority = head.toString().split(" ", -1)[1];
                    int port = Integer.parseInt(authority.substring(authority.lastIndexOf(':') + 1));
                    carry(client, port);
                }
            } catch (IOException clientGone) {
                // What the client made of it is what the tests look at.
            }
        }

        private void carry(Socket client, int port) throws IOException {
            try (Socket target = new Socket(InetAddress.getLoopbackAddress(), port)) {
                sockets.add(target);
                threads.execute(() -> {
                    try {
                        target.getInputStream().transferTo(client.getOutputStream());
                    } catch (IOException ended) {
                        // Either side has closed.
                    }
                });
                client.getInputStream().transferTo(target.getOutputStream());
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
            threads.shutdownNow();
        }
    }
}
