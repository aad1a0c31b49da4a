package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.delivery.answer.Outcome;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls over TLS, with a server whose certificate is for {@code localhost}. */
class PeopleApiTlsIT {
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";
    private static final String PASSWORD = "changeit";
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    @TempDir
    static Path directory;

    private static final Map<String, @Nullable String> FORMER = new HashMap<>();

    @BeforeAll
    static void makeCertificate() throws Exception {
        for (String name : List.of(TRUST_STORE, TRUST_STORE_PASSWORD)) {
            FORMER.put(name, System.getProperty(name));
        }
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-keystore",
                        keyStore().toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue())
                .as(Files.readString(directory.resolve("keytool.log")))
                .isZero();
    }

    private static Path keyStore() {
        return directory.resolve("server.p12");
    }

    @BeforeEach
    void trust() {
        System.setProperty(TRUST_STORE, keyStore().toString());
        System.setProperty(TRUST_STORE_PASSWORD, PASSWORD);
    }

    @AfterAll
    static void trustAsBefore() {
        FORMER.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }

    private static ServerSocket socket() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore())) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        SSLServerSocket server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        SSLParameters parameters = server.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        server.setSSLParameters(parameters);
        return server;
    }

    private static URI at(String host, RawServer server) {
        return URI.create("https://" + host + ":" + server.port());
    }

    @Test
    void speaksHttp11OverOneConnection() throws Exception {
        List<String> protocols = new CopyOnWriteArrayList<>();
        try (RawServer server = RawServer.start(socket(), peer -> {
                    while (peer.readRequest()) {
                        protocols.add(peer.applicationProtocol());
                        peer.send(OK);
                    }
                });
                Caller caller = Caller.patient(at("localhost", server))) {
            for (int i = 0; i < 10; i++) {
                assertThat(caller.outcome()).isEqualTo(new Outcome.Accepted(Set.of()));
            }
            assertThat(protocols).hasSize(10).containsOnly("http/1.1");
            assertThat(server.connections()).isEqualTo(1);
            assertThat(server.heads().get(0)).startsWith("POST /api/v1/").contains("Host: localhost:" + server.port());
        }
    }

    @Test
    void timedOutRequest_closesConnection() throws Exception {
        try (RawServer server = RawServer.start(socket(), peer -> {
                    peer.readRequest();
                    peer.awaitClosed();
                });
                Caller caller = new Caller(Caller.settings(at("localhost", server), Caller.TIMEOUT.multipliedBy(5)))) {
            assertThat(caller.outcome())
                    .isEqualTo(new Outcome.Failed(0, "no complete answer within 2000 ms", null, true));
            await("closed").until(() -> server.closedByClient() == 1);
        }
    }

    @Test
    void certificateOfOtherHost_isRefused() throws Exception {
        isNoTlsConnection("127.0.0.1");
    }

    @Test
    void selfSignedCertificate_isRefused() throws Exception {
        trustAsBefore();
        isNoTlsConnection("localhost");
    }

    private static void isNoTlsConnection(String host) throws Exception {
        try (RawServer server = RawServer.start(socket(), RawServer.answering(OK));
                Caller caller = Caller.patient(at(host, server))) {
            assertThat(caller.outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.timedOut()).isFalse();
                assertThat(failed.reason())
                        .startsWith("no TLS connection; check flameup.base-url and flameup.ca-file (")
                        .doesNotContain("\n");
            });
            assertThat(server.heads()).isEmpty();
        }
    }

    @Test
    void unsentRequest_isNotTimedOut() throws Exception {
        isFailedBeforeSending(peer -> peer.awaitClosed());
        isFailedBeforeSending(peer -> peer.trickle("\u0016"));
        isFailedBeforeSending(peer -> peer.send(OK));
        isFailedBeforeSending(peer -> {});
    }

    private static void isFailedBeforeSending(RawServer.Script script) throws Exception {
        try (RawServer server = RawServer.start(script);
                Caller caller = Caller.hasty(at("127.0.0.1", server))) {
            assertThat(caller.outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.timedOut()).isFalse();
                assertThat(failed.status()).isZero();
            });
        }
    }
}
