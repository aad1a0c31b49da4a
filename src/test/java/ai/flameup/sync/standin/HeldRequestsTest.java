package ai.flameup.sync.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HeldRequestsTest extends StandInHttpTest {
    HeldRequestsTest() {
        super(StandIn.start());
    }

    @Test
    void held_appliesTheRequestAndHoldsTheResponse() throws Exception {
        standIn.next(Behaviour.ok().held());
        CompletableFuture<HttpResponse<String>> first = begin("upsert", person("1"));
        awaitHeld(1);
        assertThat(applied()).containsExactly("1");

        assertThat(upsert(person("2")).statusCode()).isEqualTo(200);
        assertThat(first).isNotDone();
        assertThat(standIn.release()).isEqualTo(1);
        assertThat(first.join().statusCode()).isEqualTo(200);
        assertThat(applied()).containsExactly("1", "2");
        assertThat(standIn.held()).isEmpty();
    }

    @Test
    void heldBeforeApplied_appliesOnRelease() throws Exception {
        standIn.next(Behaviour.ok().heldBeforeApplied());
        CompletableFuture<HttpResponse<String>> first = begin("upsert", person("1"));
        awaitHeld(1);
        upsert(person("2"));
        assertThat(applied()).containsExactly("2");

        standIn.release();
        assertThat(applied()).containsExactly("2", "1");
        assertThat(first.join().statusCode()).isEqualTo(200);
    }

    @Test
    void release_appliesInTheOrderOfRelease() {
        for (String id : List.of("1", "2", "3", "4")) {
            standIn.next(Behaviour.ok().heldBeforeApplied());
            int before = standIn.held().size();
            CompletableFuture<HttpResponse<String>> begun = begin("upsert", person(id));
            awaitHeld(before + 1);
            assertThat(begun).isNotDone();
        }

        assertThat(standIn.release(StandIn.about("3"))).isEqualTo(1);
        assertThat(standIn.release(StandIn.about("3"))).isZero();
        assertThat(standIn.held()).extracting(ReceivedRequest::userId).containsExactly("1", "2", "4");
        standIn.release();
        assertThat(applied()).containsExactly("3", "1", "2", "4");
    }

    @Test
    void heldBeforeApplied_clientGone_isAppliedAfterItsSuccessor() throws Exception {
        standIn.next(Behaviour.ok().heldBeforeApplied());
        try (Socket gone = connect()) {
            gone.getOutputStream().write(bytes("{\"userId\":\"1\",\"traits\":{\"a\":1}}", "keep-alive"));
            awaitHeld(1);
        }
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":2}}");
        standIn.release();

        assertThat(onlyPerson().traits()).hasToString("{a=1}");
    }

    @Test
    void maxInFlight_clientGone_countsTheRequestOnce() throws Exception {
        standIn.next(Behaviour.ok().heldBeforeApplied());
        try (Socket gone = connect()) {
            gone.getOutputStream().write(bytes(ANN, "keep-alive"));
            awaitHeld(1);
            gone.shutdownOutput();
            assertThat(gone.getInputStream().read()).isEqualTo(-1);
        }
        standIn.release();

        standIn.next(Behaviour.ok().held()).next(Behaviour.ok().held());
        CompletableFuture<HttpResponse<String>> first = begin("upsert", ANN);
        CompletableFuture<HttpResponse<String>> second = begin("upsert", ANN);
        awaitHeld(2);
        standIn.release();
        assertThat(first.join().statusCode()).isEqualTo(200);
        assertThat(second.join().statusCode()).isEqualTo(200);
        assertThat(standIn.maxInFlight()).isEqualTo(2);
    }

    @Test
    void held_otherBehaviours_areHeldToo() throws Exception {
        standIn.next(Behaviour.status(503).held())
                .next(Behaviour.halfAnswer().body("0123456789").held());
        CompletableFuture<HttpResponse<String>> busy = begin("upsert", person("1"));
        awaitHeld(1);
        try (Socket half = connect()) {
            half.getOutputStream().write(bytes(person("2"), "close"));
            awaitHeld(2);
            assertThat(applied()).containsExactly("2");
            standIn.release();
            assertThat(new String(half.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("\r\n\r\n01234");
        }
        assertThat(busy.join().statusCode()).isEqualTo(503);
    }

    @Test
    void release_nextRequestOfTheConnection_isHandled() throws Exception {
        standIn.next(Behaviour.status(202).held()).next(Behaviour.status(201));
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes(person("1"), "keep-alive"));
            socket.getOutputStream().write(bytes(person("2"), "close"));
            awaitHeld(1);
            assertThat(applied()).containsExactly("1");
            standIn.release();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .containsSubsequence("HTTP/1.1 202", "HTTP/1.1 201");
        }
        assertThat(applied()).containsExactly("1", "2");
    }

    @Test
    void reset_heldRequest_staysHeld() {
        standIn.next(Behaviour.ok().held());
        CompletableFuture<HttpResponse<String>> first = begin("upsert", ANN);
        awaitHeld(1);
        standIn.reset();

        assertThat(standIn.held()).hasSize(1);
        standIn.release();
        assertThat(first.join().statusCode()).isEqualTo(200);
    }

    private void awaitHeld(int count) {
        await().until(() -> standIn.held().size() == count);
    }

    private List<String> applied() {
        return standIn.history().stream().map(AppliedPerson::userId).toList();
    }
}
