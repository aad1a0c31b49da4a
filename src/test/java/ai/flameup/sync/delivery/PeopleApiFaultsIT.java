package ai.flameup.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faulty servers: each request ends once and in time, with an outcome that matches what is known. */
class PeopleApiFaultsIT {
    private static final Outcome ACCEPTED = new Outcome.Accepted(Set.of());
    private static final Outcome LATE = new Outcome.Failed(0, "no complete answer within 400 ms", null, true);
    private static final Outcome CLOSED =
            new Outcome.Failed(0, "the connection was closed before the answer was complete", null, false, true);
    private static final Outcome NO_HTTP = new Outcome.Failed(
            0, "the answer is not HTTP, or is incomplete; check flameup.base-url", null, false, true);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String LARGE = "{\"userId\":\"1\",\"traits\":{\"bio\":\"" + "x".repeat(32 << 20) + "\"}}";

    /** The outcome for a caller without a time-out, of a server that reads the request and then runs the script. */
    private static Outcome outcomeOf(RawServer.Script afterRequest) throws Exception {
        try (RawServer server = RawServer.start(after(afterRequest));
                Caller caller = Caller.patient(server.url())) {
            Outcome outcome = caller.outcome();
            assertThat(server.heads()).hasSize(1);
            assertThat(caller.answers()).isEqualTo(1);
            return outcome;
        }
    }

    private static RawServer.Script after(RawServer.Script afterRequest) {
        return peer -> {
            if (peer.readRequest()) {
                afterRequest.run(peer);
            }
        };
    }

    /** The request must end at its time-out, and its connection be closed, even if the server still sends. */
    private static void isCutInTime(RawServer.Script script, String person) throws Exception {
        try (RawServer server = RawServer.start(script);
                Caller caller = Caller.hasty(server.url())) {
            long start = System.nanoTime();
            Outcome outcome = caller.upsert(person).outcome();
            Duration taken = Duration.ofNanos(System.nanoTime() - start);

            assertThat(outcome).isEqualTo(LATE);
            assertThat(taken).isBetween(Caller.TIMEOUT, Caller.TIMEOUT.multipliedBy(2));
            await("closed").until(() -> server.closedByClient() == 1);
            assertThat(caller.answers()).isEqualTo(1);
        }
    }

    @Test
    void silentServer_timesOut() throws Exception {
        isCutInTime(after(RawServer.Peer::awaitClosed), Caller.ANN);
    }

    @Test
    void slowHead_timesOut() throws Exception {
        isCutInTime(
                after(peer -> {
                    peer.send("HTTP/1.1 200 OK\r\nX-Long: ");
                    peer.trickle("x");
                }),
                Caller.ANN);
    }

    @Test
    void slowInformationalHeads_timeOut() throws Exception {
        isCutInTime(after(peer -> peer.trickle("HTTP/1.1 102 Processing\r\n\r\n")), Caller.ANN);
    }

    @Test
    void slowBody_timesOut() throws Exception {
        isCutInTime(
                after(peer -> {
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
                    peer.trickle(" ");
                }),
                Caller.ANN);
    }

    @Test
    void slowChunks_timeOut() throws Exception {
        isCutInTime(
                after(peer -> {
                    peer.send(CHUNKED);
                    peer.trickle("1\r\nx\r\n");
                }),
                Caller.ANN);
    }

    @Test
    void serverThatDoesNotRead_timesOut() throws Exception {
        Semaphore over = new Semaphore(0);
        try (RawServer server = RawServer.start(peer -> over.acquireUninterruptibly());
                Caller caller = Caller.hasty(server.url())) {
            assertThat(caller.upsert(LARGE).outcome()).isEqualTo(LATE);
            over.release();
        }
    }

    @Test
    void lateAnswer_isNotTakenForNextCall() throws Exception {
        Semaphore late = new Semaphore(0);
        try (RawServer server = RawServer.start(peer -> {
                    while (peer.readRequest()) {
                        if (late.tryAcquire()) {
                            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                        } else {
                            peer.awaitClosed();
                        }
                    }
                });
                Caller caller = Caller.hasty(server.url())) {
            assertThat(caller.outcome()).isEqualTo(LATE);
            late.release();
            assertThat(caller.outcome()).isEqualTo(ACCEPTED);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void manyRequests_timeOutTogether() throws Exception {
        try (RawServer server = RawServer.start(after(RawServer.Peer::awaitClosed));
                Caller caller = Caller.hasty(server.url())) {
            List<CompletableFuture<Response>> answers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                answers.add(caller.later(Caller.ANN));
            }
            for (CompletableFuture<Response> answer : answers) {
                assertThat(answer.get(10, TimeUnit.SECONDS).outcome()).isEqualTo(LATE);
            }
            await("closed").until(() -> server.closedByClient() == 64);
            assertThat(caller.answers()).isEqualTo(64);
        }
    }

    @Test
    void connectionClosedWithoutAnswer_fails() throws Exception {
        assertThat(outcomeOf(peer -> {})).isEqualTo(CLOSED);
    }

    @Test
    void connectionResetWithoutAnswer_fails() throws Exception {
        assertThat(outcomeOf(RawServer.Peer::reset)).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.status()).isZero();
            assertThat(failed.timedOut()).isFalse();
            assertThat(failed.reason()).matches("the connection (failed \\([^\\n]+\\)|was closed .*)");
        });
    }

    @Test
    void truncatedHead_fails() throws Exception {
        assertThat(outcomeOf(peer -> peer.send("HTTP/1.1 200 OK\r\nContent-Le")))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.timedOut())
                        .isFalse());
    }

    @Test
    void truncatedBody_fails() throws Exception {
        assertThat(outcomeOf(peer -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"")))
                .isEqualTo(CLOSED);
        assertThat(outcomeOf(peer -> peer.send(CHUNKED + "4\r\n{\"id"))).isEqualTo(NO_HTTP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "220 mail.example.com ESMTP ready\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            })
    void answerThatIsNotHttp_fails(String junk) throws Exception {
        assertThat(outcomeOf(peer -> {
                    peer.send(junk);
                    peer.awaitClosed();
                }))
                .isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                    assertThat(failed.timedOut()).isFalse();
                    assertThat(failed.reason()).doesNotContain("ESMTP").doesNotContain("zz");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "HTTP/1.1 200 OK\r\nX-Long: ", "HTTP/1.1 200 OK\r\nX: y\r\n"})
    void endlessHead_fails(String start) throws Exception {
        String again = start.endsWith("\n") ? "X: y\r\n".repeat(1_000) : "x".repeat(8_192);
        assertThat(outcomeOf(peer -> {
                    peer.send(start);
                    peer.flood(again);
                }))
                .isEqualTo(NO_HTTP);
    }

    @Test
    void endlessBodyOfSuccess_isAccepted() throws Exception {
        assertThat(outcomeOf(peer -> {
                    peer.send("HTTP/1.1 201 Created\r\n\r\n");
                    peer.flood("x".repeat(8_192));
                }))
                .isEqualTo(ACCEPTED);
    }

    @Test
    void endlessBodyOfRejection_isRejected() throws Exception {
        assertThat(outcomeOf(peer -> {
                    peer.send("HTTP/1.1 422 No\r\n\r\n{\"error\":\"");
                    peer.flood("x".repeat(8_192));
                }))
                .isInstanceOfSatisfying(Outcome.Rejected.class, rejected -> assertThat(rejected.reason())
                        .startsWith("{\"error\":\"xxx")
                        .hasSize(4_096));
    }

    @Test
    void connectionOfTruncatedAnswer_isClosed() throws Exception {
        try (RawServer server = RawServer.start(after(peer -> {
                    peer.send("HTTP/1.1 200 OK\r\n\r\n");
                    peer.flood("x".repeat(8_192));
                }));
                Caller caller = Caller.patient(server.url())) {
            assertThat(caller.outcome()).isEqualTo(ACCEPTED);
            await("closed").until(() -> server.closedByClient() == 1);
            assertThat(caller.outcome()).isEqualTo(ACCEPTED);
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    private static Outcome toldOfABatch(String answer, String again) throws Exception {
        try (RawServer server = RawServer.start(after(peer -> {
                    peer.send(answer);
                    peer.flood(again);
                }));
                Caller caller = Caller.patient(server.url())) {
            return caller.batch("{}", "{}").outcome();
        }
    }

    @Test
    void endlessBatchAnswer_isTruncated() throws Exception {
        String person = ",{\"id\":\"x\",\"external_id\":2,\"attributes\":{\"bio\":\"" + "y".repeat(100_000) + "\"}}";

        assertThat(toldOfABatch("HTTP/1.1 200 OK\r\n\r\n{\"people\":[{\"external_id\":\"1\"}", person))
                .isEqualTo(new Outcome.Accepted(Set.of("1", "2")));
    }

    @Test
    void batchAnswerWithEndlessString_isTruncated() throws Exception {
        assertThat(toldOfABatch(
                        "HTTP/1.1 200 OK\r\n\r\n{\"people\":[{\"external_id\":\"1\",\"bio\":\"", "y".repeat(8_192)))
                .isEqualTo(new Outcome.Accepted(Set.of("1")));
    }

    @Test
    void batchAnswerThatIsNotJson_namesNoPerson() throws Exception {
        String page = "<html>It works!</html>";
        try (RawServer server = RawServer.start(RawServer.answering(
                        "HTTP/1.1 200 OK\r\nContent-Length: " + page.length() + "\r\n\r\n" + page));
                Caller caller = Caller.patient(server.url())) {
            assertThat(caller.batch("{}").outcome()).isEqualTo(new Outcome.Accepted(Set.of(), "is not JSON"));
            assertThat(caller.batch("{}").outcome()).isEqualTo(new Outcome.Accepted(Set.of(), "is not JSON"));
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void rejectionBeforeRequestWasRead_isRejected() throws Exception {
        Semaphore answered = new Semaphore(0);
        try (RawServer server = RawServer.start(peer -> {
                    peer.readHead();
                    peer.send("HTTP/1.1 413 Too large\r\nContent-Length: 17\r\n\r\n{\"error\":\"large\"}");
                    answered.acquireUninterruptibly();
                    peer.awaitClosed();
                });
                Caller caller = Caller.patient(server.url())) {
            assertThat(caller.upsert(LARGE).outcome()).isEqualTo(new Outcome.Rejected(413, "large", null));
            answered.release();
            await("closed").until(() -> server.closedByClient() == 1);
        }
    }

    @Test
    void successBeforeRequestWasRead_isAccepted() throws Exception {
        Semaphore answered = new Semaphore(0);
        try (RawServer server = RawServer.start(peer -> {
                    peer.readHead();
                    peer.send(OK);
                    answered.acquireUninterruptibly();
                    peer.awaitClosed();
                });
                Caller caller = new Caller(
                        new FlameupSettings(server.url(), "demo", () -> "demo-token", 1, Duration.ofSeconds(10)))) {
            assertThat(caller.upsert(LARGE).outcome()).isEqualTo(ACCEPTED);
            answered.release();
            await("closed").until(() -> server.closedByClient() == 1);
            assertThat(caller.upsert(LARGE).outcome()).isEqualTo(ACCEPTED);
            answered.release();
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @Test
    void unusualHttpAnswers_areRead() throws Exception {
        assertThat(outcomeOf(peer -> peer.send("HTTP/1.0 200 OK\r\n\r\n{}"))).isEqualTo(ACCEPTED);
        assertThat(outcomeOf(peer -> peer.send("HTTP/1.1 204 No Content\r\n\r\n")))
                .isEqualTo(ACCEPTED);
        assertThat(outcomeOf(peer -> peer.send("HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + OK)))
                .isEqualTo(ACCEPTED);
        assertThat(outcomeOf(peer -> peer.send(CHUNKED + "2\r\n{}\r\n0\r\nX-Trailer: y\r\n\r\n")))
                .isEqualTo(ACCEPTED);
        assertThat(outcomeOf(peer -> peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")))
                .isEqualTo(ACCEPTED);
        assertThat(outcomeOf(peer -> peer.send("\r\n" + OK))).isEqualTo(ACCEPTED);
    }

    @Test
    void idleConnectionClosedByServer_isReplaced() throws Exception {
        Semaphore idle = new Semaphore(0);
        try (RawServer server = RawServer.start(after(peer -> {
                    peer.send(OK);
                    peer.endOutput();
                    peer.awaitClosed();
                    idle.release();
                }));
                Caller caller = Caller.patient(server.url())) {
            for (int i = 0; i < 50; i++) {
                assertThat(caller.outcome()).isEqualTo(ACCEPTED);
                assertThat(idle.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    /** Here the next call races with the server's closing: it may fail, but not as timed out, and not for long. */
    @Test
    void connectionClosedOnReuse_isReplaced() throws Exception {
        try (RawServer server = RawServer.start(after(peer -> peer.send(OK)));
                Caller caller = Caller.patient(server.url())) {
            for (int i = 0; i < 200; i++) {
                if (caller.outcome() instanceof Outcome.Failed failed) {
                    assertThat(failed.timedOut()).isFalse();
                    assertThat(failed.status()).isZero();
                }
            }
            assertThat(server.heads()).hasSizeLessThanOrEqualTo(200);
        }
    }

    @Test
    void keepAliveHeader_isRespected() throws Exception {
        try (RawServer server = RawServer.start(RawServer.answering(
                        "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=9\r\nContent-Length: 0\r\n\r\n"));
                Caller caller = Caller.patient(server.url())) {
            assertThat(caller.outcome()).isEqualTo(ACCEPTED);
            await().until(() -> {
                assertThat(caller.outcome()).isEqualTo(ACCEPTED);
                return server.connections() > 1;
            });
        }
    }

    @Test
    void refusedConnection_fails() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        try (Caller caller = Caller.patient(URI.create("http://127.0.0.1:" + port))) {
            assertThat(caller.outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.timedOut()).isFalse();
                assertThat(failed.reason())
                        .startsWith("no connection; check flameup.base-url")
                        .contains("refused")
                        .doesNotContain("\n");
            });
        }
    }

    @Test
    void unknownHost_fails() throws Exception {
        try (Caller caller = Caller.patient(URI.create("https://nowhere.invalid"))) {
            assertThat(caller.outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.timedOut()).isFalse();
                // Or, where no name server answers, that there is no connection in time.
                assertThat(failed.reason()).matches("the host name cannot be resolved; .*|no connection .*");
            });
        }
    }

    @Test
    void serverThatAcceptsNoConnections_timesOut() throws Exception {
        List<SocketChannel> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Caller caller = Caller.hasty(URI.create("http://127.0.0.1:" + full.getLocalPort()))) {
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = SocketChannel.open();
                waiting.add(channel);
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()));
            }

            assertThat(caller.outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
                assertThat(failed.timedOut()).isFalse();
                assertThat(failed.reason()).startsWith("no connection");
            });
        } finally {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
        }
    }

    @Test
    void close_endsRequestsInFlight() throws Exception {
        try (RawServer server = RawServer.start(after(RawServer.Peer::awaitClosed));
                Caller caller = Caller.patient(server.url())) {
            List<CompletableFuture<Response>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(caller.later(Caller.ANN));
            }
            await("sent").until(() -> server.heads().size() == 10);
            caller.api().close();

            for (CompletableFuture<Response> answer : answers) {
                assertThat(answer.get(10, TimeUnit.SECONDS).outcome())
                        .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.timedOut())
                                .isTrue());
            }
            assertThat(caller.outcome())
                    .isInstanceOfSatisfying(Outcome.Failed.class, failed -> assertThat(failed.timedOut())
                            .isFalse());
            assertThat(caller.answers()).isEqualTo(11);
        }
    }

    /** As {@link #close_endsRequestsInFlight}, where the calls have no connection yet. */
    @Test
    void close_endsConnectingRequests() throws Exception {
        for (int round = 0; round < 20; round++) {
            try (RawServer server = RawServer.start(after(RawServer.Peer::awaitClosed));
                    Caller caller = Caller.patient(server.url())) {
                List<CompletableFuture<Response>> answers = new ArrayList<>();
                for (int i = 0; i < 64; i++) {
                    answers.add(caller.later(Caller.ANN));
                }
                caller.api().close();
                for (CompletableFuture<Response> answer : answers) {
                    assertThat(answer.get(10, TimeUnit.SECONDS).outcome()).isInstanceOf(Outcome.Failed.class);
                }
                assertThat(caller.answers()).isEqualTo(64);
            }
        }
    }
}
