package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.header.RateLimit;
import ai.flameup.sync.standin.Behaviour;
import ai.flameup.sync.standin.StandIn;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The calls against the stand-in, and what they look like on the wire. */
class PeopleApiIT {
    private static final Outcome ACCEPTED = new Outcome.Accepted(Set.of());
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    private final StandIn standIn = StandIn.start();
    private Caller caller = Caller.patient(standIn.baseUrl());

    @BeforeEach
    void keepHistory() {
        standIn.keepHistory(true);
    }

    @AfterEach
    void close() {
        caller.close();
        standIn.close();
    }

    private void callWith(FlameupSettings settings) {
        caller.close();
        caller = new Caller(settings);
    }

    @Test
    void upsert_sendsPerson() throws Exception {
        assertThat(caller.upsert()).isEqualTo(new Response(ACCEPTED, null));
        assertThat(standIn.history())
                .extracting(call -> call.person().toString())
                .containsExactly(Caller.ANN);
    }

    @Test
    void upsert_sendsLargePerson() throws Exception {
        String person = "{\"userId\":\"1\",\"traits\":{\"bio\":\"" + "ü".repeat(4 << 20) + "\"}}";

        assertThat(caller.upsert(person).outcome()).isEqualTo(ACCEPTED);
        assertThat(standIn.history().get(0).person().toString()).isEqualTo(person);
    }

    @Test
    void batch_sendsPersons() throws Exception {
        String[] persons = IntStream.range(0, 100)
                .mapToObj(i -> "{\"userId\":\"p" + i + "\",\"traits\":{\"bio\":\"" + "x".repeat(i * 100) + "\"}}")
                .toArray(String[]::new);

        Outcome outcome = caller.batch(persons).outcome();

        assertThat(((Outcome.Accepted) outcome).externalIds()).hasSize(100).contains("p0", "p99");
        assertThat(standIn.history())
                .extracting(call -> call.person().toString())
                .containsExactly(persons);
        assertThat(standIn.requests()).isEqualTo(1);
    }

    @Test
    void batch_sendsOnePerson() throws Exception {
        assertThat(caller.batch(Caller.ANN).outcome()).isEqualTo(new Outcome.Accepted(Set.of("1")));
    }

    @Test
    void batch_ofInvalidSize_isRejected() {
        assertThatThrownBy(() -> caller.batch()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        caller.batch(IntStream.range(0, 101).mapToObj(i -> "{}").toArray(String[]::new)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("101");
        assertThat(standIn.requests()).isZero();
    }

    @Test
    void rejection_hasReason() throws Exception {
        assertThat(caller.upsert("{\"userId\":\"\"}").outcome()).isInstanceOfSatisfying(Outcome.Rejected.class, no -> {
            assertThat(no.status()).isEqualTo(422);
            assertThat(no.reason()).contains("invalid_request").contains("userId");
        });
    }

    @Test
    void anyAnswer_reportsBudget() throws Exception {
        for (int status : new int[] {200, 422, 429, 500}) {
            standIn.next(Behaviour.status(status)
                    .header("x-ratelimit-LIMIT", "120")
                    .header("X-RateLimit-Remaining", "7")
                    .header("X-RateLimit-Reset", "30")
                    .header("Date", "Tue, 24 Nov 2026 11:00:00 GMT"));
            long served = Instant.parse("2026-11-24T11:00:00Z").getEpochSecond();

            assertThat(caller.upsert().quota()).as("%d", status).isEqualTo(new RateLimit(120, 7, served + 30, served));
        }
    }

    @Test
    void changedToken_isUsed() throws Exception {
        AtomicReference<String> token = new AtomicReference<>("demo-token");
        callWith(new FlameupSettings(standIn.baseUrl(), "demo", token::get, 1, Duration.ofSeconds(10)));
        assertThat(caller.outcome()).isEqualTo(ACCEPTED);
        token.set("other-token");
        assertThat(caller.outcome()).isInstanceOfSatisfying(Outcome.Refused.class, no -> assertThat(no.status())
                .isEqualTo(401));
        token.set("demo-token");
        assertThat(caller.outcome()).isEqualTo(ACCEPTED);
    }

    @Test
    void requestsInFlight_reachMaximum() throws Exception {
        int most = 1_000;
        callWith(new FlameupSettings(standIn.baseUrl(), "demo", () -> "demo-token", most, Duration.ofSeconds(20)));
        standIn.when(request -> true, Behaviour.ok().after(Duration.ofSeconds(1)));

        for (int round = 0; round < 2; round++) {
            List<CompletableFuture<Response>> answers = new ArrayList<>();
            for (int i = 0; i < most; i++) {
                answers.add(caller.later(Caller.ANN));
            }
            for (CompletableFuture<Response> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS).outcome()).isEqualTo(ACCEPTED);
            }
        }

        assertThat(standIn.maxInFlight()).isEqualTo(most);
        assertThat(caller.answers()).isEqualTo(2 * most);
    }

    /** Like a sender that keeps its window full: the connection must be free before its answer is passed on. */
    @Test
    void connection_isReleasedBeforeAnswer() throws Exception {
        try (RawServer server = RawServer.start(RawServer.answering(OK))) {
            callWith(Caller.settings(server.url(), Duration.ofSeconds(10)));
            CountDownLatch left = new CountDownLatch(1_000);
            again(left);

            assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    private void again(CountDownLatch left) {
        caller.api().upsert(Caller.ANN.getBytes(StandardCharsets.UTF_8), answer -> {
            left.countDown();
            if (left.getCount() > 0 && answer.outcome() instanceof Outcome.Accepted) {
                again(left);
            }
        });
    }

    @Test
    void request_hasExpectedHeadersOnly() throws Exception {
        try (RawServer server = RawServer.start(RawServer.answering(OK))) {
            callWith(new FlameupSettings(
                    URI.create(server.url() + "/gate%20way"), "ac me/ü", () -> "t.1", 1, Duration.ofSeconds(10)));
            caller.upsert();
            caller.batch("{}", "{}");

            assertThat(server.heads())
                    .containsExactly(
                            "POST /gate%20way/api/v1/workspaces/ac%20me%2F%C3%BC/people/upsert HTTP/1.1\r\n"
                                    + "Host: 127.0.0.1:" + server.port() + "\r\nAuthorization: Bearer t.1\r\n"
                                    + "User-Agent: flameup-sync/1.2.3\r\nAccept-Encoding: identity\r\nContent-Length: 40\r\n"
                                    + "Content-Type: application/json\r\nConnection: keep-alive\r\n\r\n",
                            "POST /gate%20way/api/v1/workspaces/ac%20me%2F%C3%BC/people/batch HTTP/1.1\r\n"
                                    + "Host: 127.0.0.1:" + server.port() + "\r\nAuthorization: Bearer t.1\r\n"
                                    + "User-Agent: flameup-sync/1.2.3\r\nAccept-Encoding: identity\r\nContent-Length: 18\r\n"
                                    + "Content-Type: application/json\r\nConnection: keep-alive\r\n\r\n");
        }
    }

    @Test
    void connection_isKeptAlive() throws Exception {
        try (RawServer server = RawServer.start(RawServer.answering(OK))) {
            callWith(Caller.settings(server.url(), Duration.ofSeconds(10)));
            for (int i = 0; i < 100; i++) {
                assertThat(caller.outcome()).isEqualTo(ACCEPTED);
            }

            assertThat(server.heads()).hasSize(100);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void redirect_isNotFollowed() throws Exception {
        try (RawServer elsewhere = RawServer.start(RawServer.answering(OK));
                RawServer server = RawServer.start(RawServer.answering(
                        "HTTP/1.1 307 Go\r\nLocation: " + elsewhere.url() + "/x?a=b\r\nContent-Length: 0\r\n\r\n"))) {
            callWith(Caller.settings(server.url(), Duration.ofSeconds(10)));

            assertThat(caller.outcome())
                    .isEqualTo(new Outcome.Refused(307, "status 307, to " + elsewhere.url() + "/x", null));
            assertThat(elsewhere.connections()).isZero();
            assertThat(server.heads()).hasSize(1);
        }
    }

    @Test
    void failedRequest_isNotRetried() throws Exception {
        try (RawServer server = RawServer.start(
                RawServer.answering("HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"))) {
            callWith(Caller.settings(server.url(), Duration.ofSeconds(10)));

            assertThat(caller.outcome()).isEqualTo(new Outcome.Failed(429, "status 429", Duration.ZERO, false));
            assertThat(server.heads()).hasSize(1);
        }
    }

    @Test
    void cookies_areIgnored() throws Exception {
        try (RawServer server = RawServer.start(
                RawServer.answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n"))) {
            callWith(Caller.settings(server.url(), Duration.ofSeconds(10)));
            caller.upsert();
            caller.upsert();

            assertThat(server.heads()).hasSize(2).noneMatch(head -> head.contains("ookie"));
        }
    }
}
