package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.connection.HttpProxy;
import ai.flameup.sync.delivery.connection.Network;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every failure to reach the API through a proxy names the proxy and the setting that chose it. */
class ProxyFaultsIT {
    private static final String REMEDY = "; check flameup.proxy or HTTPS_PROXY";

    private static Outcome upsertThrough(String host, int port, Duration timeout) throws Exception {
        Network network = new Network(new HttpProxy(host, port, "user", "secret"), null);
        URI api = URI.create("https://localhost:1");
        try (Caller caller = new Caller(new FlameupSettings(
                new FlameupSettings.Endpoint(api, "demo"), () -> "demo-token", 1, timeout, network))) {
            return caller.outcome();
        }
    }

    private static void assertNamesProxy(Outcome outcome, String proxy, String remedy) {
        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.reason()).contains(proxy, remedy).doesNotContain("user", "secret", "ann@example.com");
            assertThat(failed.mayBeApplied()).isFalse();
        });
    }

    static Stream<Named<RawServer.Script>> faults() {
        return Stream.of(
                Named.of("answers never", RawServer.Peer::awaitClosed),
                Named.of("speaks no HTTP", peer -> {
                    peer.send("SSH-2.0-OpenSSH_9.6 ann@example.com\r\n");
                    peer.awaitClosed();
                }),
                Named.of("closes at once", RawServer.Peer::readRequest),
                Named.of("resets", RawServer.Peer::reset),
                Named.of("refuses", RawServer.answering("HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n")),
                Named.of("closes an open tunnel", peer -> {
                    peer.readRequest();
                    peer.send("HTTP/1.1 200 OK\r\n\r\n");
                }),
                Named.of("passes no TLS on", peer -> {
                    peer.readRequest();
                    peer.send("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n");
                    peer.awaitClosed();
                }));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void faultyProxy_isNamed(RawServer.Script fault) throws Exception {
        try (RawServer proxy = RawServer.start(fault)) {
            assertNamesProxy(
                    upsertThrough("127.0.0.1", proxy.port(), Caller.TIMEOUT),
                    "127.0.0.1:" + proxy.port(),
                    "flameup.proxy or HTTPS_PROXY");
        }
    }

    @Test
    void absentProxy_isNamed() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        assertNamesProxy(upsertThrough("127.0.0.1", port, Duration.ofSeconds(10)), "127.0.0.1:" + port, REMEDY);
    }

    @Test
    void unresolvableProxy_isNamed() throws Exception {
        assertNamesProxy(upsertThrough("proxy.invalid", 3128, Duration.ofSeconds(10)), "proxy.invalid:3128", REMEDY);
    }
}
