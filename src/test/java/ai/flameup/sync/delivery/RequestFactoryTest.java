package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.stream.Stream;
import org.apache.hc.core5.http.Header;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestFactoryTest {

    @ParameterizedTest
    @CsvSource({
        "https://api.flameup.ai, api.flameup.ai, /api/v1/workspaces/acme/people/",
        "https://api.flameup.ai:443, api.flameup.ai:443, /api/v1/workspaces/acme/people/",
        "http://127.0.0.1:8080/gateway, 127.0.0.1:8080, /gateway/api/v1/workspaces/acme/people/",
        "http://[::1]:8080, [::1]:8080, /api/v1/workspaces/acme/people/",
        "http://[::1], [::1], /api/v1/workspaces/acme/people/",
    })
    void request_hasPathAndHeaders(String baseUrl, String host, String path) {
        RequestFactory calls = new RequestFactory(
                new FlameupSettings(URI.create(baseUrl), "acme", () -> "t", 1, Duration.ofSeconds(1)), "1.2.3");

        Stream<String> headers =
                Stream.of(calls.post(calls.upsertPath(), "t").getHeaders()).map(Header::toString);

        assertThat(headers)
                .containsExactly(
                        "Host: " + host,
                        "Authorization: Bearer t",
                        "User-Agent: flameup-sync/1.2.3",
                        "Accept-Encoding: identity");
        assertThat(calls.upsertPath()).isEqualTo(path + "upsert");
        assertThat(calls.batchPath()).isEqualTo(path + "batch");
    }
}
