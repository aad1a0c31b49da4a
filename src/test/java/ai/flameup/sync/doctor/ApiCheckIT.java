package ai.flameup.sync.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.delivery.FlameupSettings;
import ai.flameup.sync.delivery.connection.HttpProxy;
import ai.flameup.sync.delivery.connection.Network;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ApiCheckIT {
    @Test
    void silentProxy_findingHasRemedy() throws Exception {
        // The server does not accept: the connection waits in the backlog, and CONNECT has no answer.
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Network network = new Network(new HttpProxy("127.0.0.1", silent.getLocalPort(), null, ""), null);
            FlameupSettings settings = new FlameupSettings(
                    new FlameupSettings.Endpoint(URI.create("https://localhost:1"), "demo"),
                    () -> "token",
                    1,
                    Duration.ofMillis(300),
                    network);

            assertThat(new ApiCheck(settings, "1.2.3", "flameup-sync try").findings())
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.message()).contains("the proxy 127.0.0.1:" + silent.getLocalPort());
                        assertThat(finding.remedy()).contains("flameup.proxy or HTTPS_PROXY");
                    });
        }
    }
}
