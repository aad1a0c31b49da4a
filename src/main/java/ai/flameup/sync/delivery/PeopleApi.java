package ai.flameup.sync.delivery;

import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.answer.ResponseDetails;
import ai.flameup.sync.delivery.answer.ResponseReader;
import ai.flameup.sync.delivery.connection.Connections;
import ai.flameup.sync.delivery.connection.Deadlines;
import ai.flameup.sync.delivery.connection.Transport;
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

    private final RequestFactory calls;
    private final String upsert;
    private final String batch;
    private final Transport transport;

    public PeopleApi(FlameupSettings settings, String version) {
        this.calls = new RequestFactory(settings, version);
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
    public void upsert(byte[] person, Consumer<Response> done) {
        send(upsert, ResponseReader.ofOne(calls.token()), RequestBody.person(person), done);
    }

    /**
     * As {@link #upsert}, with the text of the answer.
     *
     * @param person as JSON; must not be changed until {@code done} is called
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void upsertForDetails(byte[] person, Consumer<ResponseDetails> done) {
        ResponseReader reader = ResponseReader.ofOneWithText(calls.token());
        send(upsert, reader, RequestBody.person(person), answer -> done.accept(reader.details(answer.outcome())));
    }

    /**
     * Sends several persons in one request. Never waits.
     *
     * @param persons 1 to 100, each as JSON; must not be changed until {@code done} is called
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void batch(List<byte[]> persons, Consumer<Response> done) {
        if (persons.isEmpty() || persons.size() > MAX_PERSONS) {
            throw new IllegalArgumentException("a batch has 1 to 100 persons, not " + persons.size());
        }
        send(batch, ResponseReader.ofBatch(calls.token()), RequestBody.batch(persons), done);
    }

    /**
     * Searches a person, which changes nothing, to check the API and the access to it. The result of the search is not
     * read. Never waits.
     *
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void search(String userId, Consumer<SearchResult> done) {
        ResponseReader reader = ResponseReader.ofOne(calls.token());
        exchange(
                calls.get(searchPath(userId, 1), reader.token()),
                reader,
                RequestBody.none(),
                answer -> done.accept(new SearchResult(answer.outcome(), answer.quota(), reader.date())));
    }

    /**
     * Searches the persons with a user id. Never waits.
     *
     * @param limit the maximum number of persons, 1 to 100
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void find(String userId, int limit, Consumer<PeoplePage> done) {
        read(searchPath(userId, limit), done);
    }

    /**
     * Lists persons. Never waits.
     *
     * @param limit the maximum number of persons, 1 to 100
     * @param offset how many persons the list skips, not negative
     * @param done called once, on any thread: must neither wait nor throw
     */
    public void list(int limit, long offset, Consumer<PeoplePage> done) {
        read("%s?limit=%s&offset=%s".formatted(calls.listPath(), limit, offset), done);
    }

    private String searchPath(String userId, int limit) {
        return "%s?external_id=%s&limit=%s"
                .formatted(calls.searchPath(), PercentCodec.encode(userId, StandardCharsets.UTF_8), limit);
    }

    private void read(String path, Consumer<PeoplePage> done) {
        ResponseReader reader = ResponseReader.ofPeople(calls.token());
        exchange(
                calls.get(path, reader.token()),
                reader,
                RequestBody.none(),
                answer -> done.accept(PeoplePage.of(answer, reader.body(), reader.isCut())));
    }

    private void send(String path, ResponseReader reader, RequestBody body, Consumer<Response> done) {
        exchange(calls.post(path, reader.token()), reader, body, done);
    }

    private void exchange(HttpRequest request, ResponseReader reader, RequestBody body, Consumer<Response> done) {
        new ApiRequest(transport, request, body, reader, done).start();
    }

    /** Returns at once. Requests in flight are cut off, and end as failed. */
    @Override
    public void close() {
        transport.close();
    }
}
