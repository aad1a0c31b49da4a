package ai.flameup.sync.delivery;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.net.PercentCodec;

/**
 * Calls the people API over kept-alive HTTP/1.1 connections, driven by I/O threads. Each request is sent once, and ends
 * within the time-out after it was sent. Thread-safe.
 */
public final class PeopleApi implements AutoCloseable {
    private static final int MAX_PERSONS = 100;

    private final Calls calls;
    private final String upsert;
    private final String batch;
    private final Transport transport;

    public PeopleApi(FlameupSettings settings, String version) {
        this.calls = new Calls(settings, version);
        this.upsert = calls.upsertPath();
        this.batch = calls.batchPath();
        this.transport = new Transport(
                new Connections(calls.target(), settings.maxInFlight(), settings.requestTimeout(), settings.network()),
                new Deadlines(settings.requestTimeout()),
                settings.requestTimeout());
    }

    /**
     * Sends one person. Never waits.
     *
     * @param person as JSON; must not be changed until {@code done} is called
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void upsert(byte[] person, Consumer<Answer> done) {
        send(upsert, AnswerReader.ofOne(calls.token()), RequestBody.person(person), done);
    }

    /**
     * As {@link #upsert}, with the text of the answer.
     *
     * @param person as JSON; must not be changed until {@code done} is called
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void tell(byte[] person, Consumer<Told> done) {
        AnswerReader reader = AnswerReader.ofOneWithText(calls.token());
        send(upsert, reader, RequestBody.person(person), answer -> done.accept(reader.told(answer.outcome())));
    }

    /**
     * Sends several persons in one request. Never waits.
     *
     * @param persons 1 to 100, each as JSON; must not be changed until {@code done} is called
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void batch(List<byte[]> persons, Consumer<Answer> done) {
        if (persons.isEmpty() || persons.size() > MAX_PERSONS) {
            throw new IllegalArgumentException("a batch has 1 to 100 persons, not " + persons.size());
        }
        send(batch, AnswerReader.ofBatch(calls.token()), RequestBody.batch(persons), done);
    }

    /**
     * Searches a person, which changes nothing, to check the API and the access to it. The result of the search is not
     * read. Never waits.
     *
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void search(String userId, Consumer<Searched> done) {
        AnswerReader reader = AnswerReader.ofOne(calls.token());
        String path =
                calls.searchPath() + "?external_id=" + PercentCodec.encode(userId, StandardCharsets.UTF_8) + "&limit=1";
        exchange(
                calls.get(path, reader.token()),
                reader,
                RequestBody.none(),
                answer -> done.accept(new Searched(answer.outcome(), answer.quota(), reader.date())));
    }

    private void send(String path, AnswerReader reader, RequestBody body, Consumer<Answer> done) {
        exchange(calls.post(path, reader.token()), reader, body, done);
    }

    private void exchange(HttpRequest request, AnswerReader reader, RequestBody body, Consumer<Answer> done) {
        new Exchange(transport, request, body, reader, done).start();
    }

    /** Returns at once. Requests in flight are cut off, and end as failed. */
    @Override
    public void close() {
        transport.close();
    }
}
