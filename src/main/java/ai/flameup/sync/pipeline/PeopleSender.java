package ai.flameup.sync.pipeline;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.delivery.answer.Response;
import java.util.List;
import java.util.function.Consumer;

/** Makes one attempt to send persons. */
public interface PeopleSender {
    /**
     * Sends one person by the single call.
     *
     * @param done takes the answer, on any thread
     */
    void upsert(PersonUpsert person, Consumer<Response> done);

    /**
     * Sends persons by the batch call.
     *
     * @param done takes the answer, on any thread
     */
    void batch(List<PersonUpsert> persons, Consumer<Response> done);
}
