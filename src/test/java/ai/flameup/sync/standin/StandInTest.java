package ai.flameup.sync.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.fault.Fault;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StandInTest extends StandInHttpTest {
    StandInTest() {
        super(StandIn.start());
    }

    @Test
    void otherTokenWorkspaceOrPath_isRefused() throws Exception {
        standIn.token("secret").workspace("acme");
        assertThat(upsert(ANN).statusCode()).isEqualTo(401);
        standIn.token("demo-token");
        assertThat(upsert(ANN).statusCode()).isEqualTo(404);
        standIn.workspace("demo");
        assertThat(post("nothing", ANN).statusCode()).isEqualTo(404);
        assertThat(get("upsert").statusCode()).isEqualTo(405);
        assertThat(standIn.history()).isEmpty();
        assertThat(standIn.requests()).isEqualTo(4);
    }

    @Test
    void largeBody_isAccepted() throws Exception {
        String large = "x".repeat(8 * 1024 * 1024);
        assertThat(upsert("{\"userId\":\"1\",\"traits\":{\"a\":\"" + large + "\"}}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(onlyPerson().traits()).containsEntry("a", TextNode.valueOf(large));
    }

    @Test
    void status_success_appliesTheRequest() throws Exception {
        standIn.next(Behaviour.status(503).header("Retry-After", "7").body("{\"error\":\"busy\"}"))
                .next(Behaviour.status(204))
                .next(Behaviour.status(302).header("Location", "/elsewhere"));

        HttpResponse<String> refused = upsert(ANN);
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("7");
        assertThat(refused.body()).isEqualTo("{\"error\":\"busy\"}");
        assertThat(standIn.history()).isEmpty();

        assertThat(upsert(ANN).statusCode()).isEqualTo(204);
        assertThat(standIn.history()).hasSize(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(302);
        assertThat(standIn.history()).hasSize(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
    }

    @Test
    void match_comesBeforeQueueAndQueueBeforeChance() throws Exception {
        standIn.sometimes(1, 1, Behaviour.status(500))
                .next(Behaviour.status(501))
                .when(request -> request.userId().equals("9"), Behaviour.status(422))
                .when(request -> request.userId().equals("9"), Behaviour.status(409));

        assertThat(upsert("{\"userId\":\"9\"}").statusCode()).isEqualTo(422);
        assertThat(upsert(ANN).statusCode()).isEqualTo(501);
        assertThat(upsert(ANN).statusCode()).isEqualTo(500);
        standIn.reset();
        assertThat(upsert("{\"userId\":\"9\"}").statusCode()).isEqualTo(200);
    }

    @Test
    void chance_sameSeed_choosesTheSame() throws Exception {
        standIn.sometimes(0.5, 42, Behaviour.status(500));
        String first = statuses(20);
        standIn.sometimes(0.5, 42, Behaviour.status(500));

        assertThat(statuses(20)).isEqualTo(first).contains("200").contains("500");
        standIn.sometimes(0, 0, Behaviour.ok());
        assertThat(statuses(3)).isEqualTo("200 200 200");
    }

    @Test
    void chance_choosesAmongSeveral() throws Exception {
        List<Behaviour.Rated> faults = List.of(
                Behaviour.status(500).atRate(0.25), Behaviour.status(503).atRate(0.5));
        standIn.sometimes(7, faults);
        String first = statuses(200);
        standIn.sometimes(7, faults);

        assertThat(statuses(200)).isEqualTo(first);
        assertThat(first.split("500", -1)).hasSizeBetween(30, 75);
        assertThat(first.split("503", -1)).hasSizeBetween(75, 130);
        assertThat(first.split("200", -1)).hasSizeBetween(30, 75);
        standIn.sometimes(7, List.of());
        assertThat(statuses(3)).isEqualTo("200 200 200");
    }

    @Test
    void rates_outOfRange_areRefused() {
        assertThatThrownBy(() -> Behaviour.ok().atRate(1.1)).hasMessageContaining("1.1");
        assertThatThrownBy(() -> standIn.sometimes(
                        1, List.of(Behaviour.ok().atRate(0.6), Behaviour.ok().atRate(0.6))))
                .hasMessageContaining("1.2");
    }

    @Test
    void about_matchesUserIdsOfUpsertsAndBatches() throws Exception {
        standIn.when(StandIn.about("7", "9"), Behaviour.status(409));

        assertThat(upsert(person("9")).statusCode()).isEqualTo(409);
        assertThat(post("batch", batch(person("1"), person("7"))).statusCode()).isEqualTo(409);
        assertThat(post("batch", batch(person("1"), person("2"))).statusCode()).isEqualTo(200);
        assertThat(upsert(person("79")).statusCode()).isEqualTo(200);
    }

    @Test
    void predicate_seesTheRequest() throws Exception {
        List<ReceivedRequest> seen = new CopyOnWriteArrayList<>();
        standIn.when(seen::add, Behaviour.ok());
        upsert(ANN);
        post("batch", batch(person("2"), "{}", person("3")));
        get("search?email=a");

        assertThat(seen)
                .extracting(
                        ReceivedRequest::number,
                        ReceivedRequest::method,
                        ReceivedRequest::path,
                        ReceivedRequest::userId,
                        ReceivedRequest::userIds)
                .containsExactly(
                        tuple(1L, "POST", PEOPLE + "upsert", "1", List.of("1")),
                        tuple(2L, "POST", PEOPLE + "batch", "", List.of("2", "3")),
                        tuple(3L, "GET", PEOPLE + "search", "", List.of()));
        assertThat(seen.get(0).body()).isEqualTo(JSON.readTree(ANN));
        assertThat(seen.get(2).body().isMissingNode()).isTrue();
    }

    @Test
    void tooLargeBody_isRefused() throws Exception {
        try (Socket socket = connect()) {
            String head = "POST " + PEOPLE + "upsert HTTP/1.1\r\nHost: stand-in\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "1000001\r\n" + "x".repeat(0x1000001);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 413 ");
        }
        assertThat(standIn.requests()).isEqualTo(1);
    }

    @Test
    void bodyInParts_isAccepted() throws Exception {
        String large = "{\"userId\":\"1\",\"traits\":{\"a\":\"" + "x".repeat(100_000) + "\"}}";
        byte[] body = large.getBytes(StandardCharsets.UTF_8);
        HttpRequest chunked = to("upsert")
                .expectContinue(true)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                .build();

        assertThat(CLIENT.send(chunked, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
        assertThat(standIn.history().get(0).person()).isEqualTo(JSON.readTree(large));
        assertThat(standIn.history().get(1).person()).isEqualTo(JSON.readTree(ANN));
    }

    @Test
    void delayedRequest_clientGone_isStillApplied() {
        standIn.next(Behaviour.ok().after(Duration.ofMillis(400)));

        assertThatThrownBy(() -> CLIENT.send(
                        request("upsert", ANN).timeout(Duration.ofMillis(100)).build(), BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(standIn.history()).isEmpty();
        await().untilAsserted(() -> assertThat(standIn.history()).hasSize(1));
    }

    @Test
    void resetBefore_doesNotApply() throws Exception {
        standIn.next(Behaviour.resetBefore());
        assertThatThrownBy(() -> raw(ANN)).isInstanceOf(IOException.class).hasMessageContaining("reset");
        assertThat(standIn.history()).isEmpty();
    }

    @Test
    void resetAfter_applies() throws Exception {
        standIn.next(Behaviour.resetAfter());
        assertThatThrownBy(() -> raw(ANN)).isInstanceOf(IOException.class).hasMessageContaining("reset");
        assertThat(standIn.history()).hasSize(1);
    }

    @Test
    void halfAnswer_sendsHalfTheBody() throws Exception {
        standIn.next(Behaviour.halfAnswer().body("0123456789"));
        assertThat(raw(ANN)).contains("200 OK", "content-length: 10").endsWith("\r\n\r\n01234");
        assertThat(standIn.history()).hasSize(1);
    }

    @Test
    void endlessBody_doesNotBlockOthers() throws Exception {
        standIn.next(Behaviour.endlessBody());
        HttpResponse<InputStream> answer = CLIENT.send(request("upsert", ANN).build(), BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            assertThat(body.readNBytes(1_000_000)).hasSize(1_000_000);
        }
        assertThat(standIn.history()).hasSize(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
    }

    @Test
    void silence_doesNotRespond() throws Exception {
        standIn.next(Behaviour.silence());
        assertThatThrownBy(() -> CLIENT.send(
                        request("upsert", ANN).timeout(Duration.ofMillis(200)).build(), BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(standIn.history()).isEmpty();
        assertThat(standIn.requests()).isEqualTo(1);
        assertThat(upsert(ANN).statusCode()).isEqualTo(200);
    }

    @Test
    void maxInFlight_countsConcurrentRequests() throws Exception {
        standIn.when(request -> true, Behaviour.ok().after(Duration.ofMillis(300)));
        CompletableFuture<?>[] answers = IntStream.range(0, 5)
                .mapToObj(i -> CLIENT.sendAsync(request("upsert", ANN).build(), BodyHandlers.ofString()))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(answers).join();

        assertThat(standIn.maxInFlight()).isEqualTo(5);
        standIn.reset();
        upsert(ANN);
        assertThat(standIn.maxInFlight()).isEqualTo(5);
    }

    @Test
    void pipelinedRequests_getResponsesInOrder() throws Exception {
        standIn.next(Behaviour.status(202).after(Duration.ofMillis(100))).next(Behaviour.status(201));
        try (Socket socket = connect()) {
            byte[] one = bytes(ANN, "keep-alive");
            socket.getOutputStream().write(one);
            socket.getOutputStream().write(bytes(ANN, "close"));
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers).containsSubsequence("HTTP/1.1 202", "HTTP/1.1 201");
        }
    }

    @Test
    void start_portInUse_isReported() {
        assertThatThrownBy(() -> StandIn.start(standIn.baseUrl().getPort()).close())
                .isInstanceOf(Fault.class)
                .hasMessageContaining("port " + standIn.baseUrl().getPort());
    }
}
