package ai.flameup.sync.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.fault.Fault;
import ai.flameup.sync.observe.http.HttpLimits;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StandInServerIT {
    /** The test may create the first server of its JVM, where the tests of the status server rely on the limits. */
    @BeforeAll
    static void limits() {
        HttpLimits.apply();
    }

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final StandInServer server = StandInServer.start(0);

    @AfterEach
    void close() {
        server.close();
    }

    private HttpRequest.Builder to(String call, String token) {
        return HttpRequest.newBuilder(URI.create(server.baseUrl() + "/api/v1/workspaces/demo/people/" + call))
                .header("Authorization", "Bearer " + token);
    }

    private HttpResponse<String> post(String call, String body, String token) throws Exception {
        return CLIENT.send(to(call, token).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    @Test
    void upsertBatchAndSearch_areServed() throws Exception {
        String email = "ann+é@example.com";
        HttpResponse<String> upserted =
                post("upsert", "{\"userId\":\"1\",\"email\":\"" + email + "\"}", StandInServer.TOKEN);
        assertThat(upserted.statusCode()).isEqualTo(200);
        assertThat(upserted.body()).contains("\"external_id\":\"1\"", email);
        assertThat(upserted.headers().firstValue("Content-Type")).contains("application/json");
        String batch = "{\"people\":[{\"userId\":\"1\"},{\"userId\":\"2\"}]}";
        assertThat(post("batch", batch, StandInServer.TOKEN).body()).contains("\"created_count\":1");

        HttpRequest search = to("search?limit=1&email=ann%2B%C3%A9%40example.com", StandInServer.TOKEN)
                .GET()
                .build();
        assertThat(CLIENT.send(search, BodyHandlers.ofString()).body()).contains(email);
        assertThat(server.people().all()).extracting(StoredPerson::externalId).containsExactly("1", "2");
        assertThat(server.requests()).isEqualTo(3);
    }

    @Test
    void otherToken_isRefused() throws Exception {
        assertThat(post("upsert", "{\"userId\":\"1\"}", "other").statusCode()).isEqualTo(401);
        assertThat(server.people().count()).isZero();
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void tooLargeBody_isRefused() throws Exception {
        assertThat(post("upsert", "x".repeat(16 * 1024 * 1024 + 1), StandInServer.TOKEN)
                        .statusCode())
                .isEqualTo(413);
        assertThat(post("upsert", "{\"userId\":\"1\"}", StandInServer.TOKEN).statusCode())
                .isEqualTo(200);
    }

    @Test
    void start_portInUse_isReported() {
        int port = server.baseUrl().getPort();
        assertThatThrownBy(() -> StandInServer.start(port).close())
                .isInstanceOf(Fault.class)
                .hasMessageContaining("port " + port);
    }
}
