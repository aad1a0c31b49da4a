package ai.flameup.sync.standin;

import static org.assertj.core.api.Assertions.assertThat;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** Gives each test a stand-in, and a client for its paths. */
abstract class StandInHttpTest {
    static final JsonMapper JSON = JsonMapper.builder().build();
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static final String PEOPLE = "/api/v1/workspaces/demo/people/";
    static final String ANN = "{\"userId\":\"1\",\"email\":\"ann@example.com\",\"traits\":{\"locale\":\"de\"}}";

    final StandIn standIn;

    StandInHttpTest(StandIn standIn) {
        this.standIn = standIn;
    }

    @AfterEach
    void close() {
        standIn.close();
    }

    StoredPerson onlyPerson() {
        assertThat(standIn.persons()).hasSize(1);
        return standIn.persons().get(0);
    }

    String statuses(int count) throws Exception {
        StringBuilder statuses = new StringBuilder();
        for (int i = 0; i < count; i++) {
            statuses.append(upsert(ANN).statusCode()).append(' ');
        }
        return statuses.toString().trim();
    }

    HttpResponse<String> upsert(String body) throws Exception {
        return post("upsert", body);
    }

    HttpResponse<String> post(String call, String body) throws Exception {
        return CLIENT.send(request(call, body).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String call) throws Exception {
        return CLIENT.send(to(call).GET().build(), BodyHandlers.ofString());
    }

    HttpRequest.Builder request(String call, String body) {
        return to(call).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
    }

    HttpRequest.Builder to(String call) {
        return at(PEOPLE + call);
    }

    HttpRequest.Builder at(String path) {
        return HttpRequest.newBuilder(URI.create(standIn.baseUrl() + path))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Authorization", "Bearer demo-token");
    }

    /** Returns the bytes of the whole response, over a separate connection without any HTTP library. */
    String raw(String body) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes(body, "close"));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), standIn.baseUrl().getPort());
    }

    static byte[] bytes(String body, String connection) {
        String head = "POST " + PEOPLE + "upsert HTTP/1.1\r\nHost: stand-in\r\nAuthorization: Bearer demo-token\r\n"
                + "Connection: " + connection + "\r\nContent-Length: " + body.length() + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.UTF_8);
    }

    static String batchOf(int persons) {
        return IntStream.range(0, persons)
                .mapToObj(i -> "{\"userId\":\"" + i + "\"}")
                .collect(Collectors.joining(",", "{\"people\":[", "]}"));
    }

    static JsonNode json(HttpResponse<String> answer) throws IOException {
        return JSON.readTree(answer.body());
    }

    CompletableFuture<HttpResponse<String>> begin(String call, String body) {
        return CLIENT.sendAsync(request(call, body).build(), BodyHandlers.ofString());
    }

    static String person(String userId) {
        return "{\"userId\":\"" + userId + "\"}";
    }

    static String batch(String... persons) {
        return "{\"people\":[" + String.join(",", persons) + "]}";
    }
}
