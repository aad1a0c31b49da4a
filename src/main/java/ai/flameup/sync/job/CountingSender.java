package ai.flameup.sync.job;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.delivery.PeopleApi;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.pipeline.PeopleSender;
import ai.flameup.sync.status.Counters;
import java.util.List;
import java.util.function.Consumer;

/** Joins the pipeline with the people API, and counts its calls. */
record CountingSender(PeopleApi api, Counters counters) implements PeopleSender {
    @Override
    public void upsert(PersonUpsert person, Consumer<Response> done) {
        counters.requestedOne();
        api.upsert(person.json(), counted(done));
    }

    @Override
    public void batch(List<PersonUpsert> persons, Consumer<Response> done) {
        counters.requestedOne();
        api.batch(persons.stream().map(PersonUpsert::json).toList(), counted(done));
    }

    private Consumer<Response> counted(Consumer<Response> done) {
        return answer -> {
            counters.answered(answer.outcome());
            done.accept(answer);
        };
    }
}
