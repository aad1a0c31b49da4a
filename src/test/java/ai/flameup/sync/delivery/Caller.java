package ai.flameup.sync.delivery;

import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Calls the API and waits for its answers, which it counts. */
final class Caller implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofMillis(400);
    static final String ANN = "{\"userId\":\"1\",\"email\":\"ann@example.com\"}";

    private static final long PATIENCE_SECONDS = 20;

    private final PeopleApi api;
    private final AtomicInteger answers = new AtomicInteger();

    Caller(FlameupSettings settings) {
        this.api = new PeopleApi(settings, "1.2.3");
    }

    /** With a short time-out, for servers that make it run out. */
    static Caller hasty(URI url) {
        return new Caller(settings(url, TIMEOUT));
    }

    static Caller patient(URI url) {
        return new Caller(settings(url, Duration.ofSeconds(10)));
    }

    static FlameupSettings settings(URI url, Duration timeout) {
        return new FlameupSettings(url, "demo", () -> "demo-token", 64, timeout);
    }

    PeopleApi api() {
        return api;
    }

    Response upsert() throws Exception {
        return upsert(ANN);
    }

    Response upsert(String person) throws Exception {
        return later(person).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Outcome outcome() throws Exception {
        return upsert().outcome();
    }

    CompletableFuture<Response> later(String person) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        api.upsert(bytes(person), received -> {
            answers.incrementAndGet();
            answer.complete(received);
        });
        return answer;
    }

    Response batch(String... persons) throws Exception {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        List<byte[]> bodies = Stream.of(persons).map(Caller::bytes).toList();
        api.batch(bodies, received -> {
            answers.incrementAndGet();
            answer.complete(received);
        });
        return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** How many answers it has received. */
    int answers() {
        return answers.get();
    }

    @Override
    public void close() {
        api.close();
    }

    private static byte[] bytes(String person) {
        return person.getBytes(StandardCharsets.UTF_8);
    }
}
