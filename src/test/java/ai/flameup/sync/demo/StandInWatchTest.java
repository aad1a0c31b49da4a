package ai.flameup.sync.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class StandInWatchTest extends StandInHttpTest {
    StandInWatchTest() {
        super(StandIn.start());
    }

    @Test
    void aCallTellsOfItsRequest() throws Exception {
        upsert(person("1"));
        upsert("{}");
        post("batch", batch(person("2"), person("3")));

        assertThat(standIn.history())
                .extracting(StandIn.Call::number, StandIn.Call::userId, StandIn.Call::request, StandIn.Call::batch)
                .containsExactly(tuple(1L, "1", 1L, false), tuple(2L, "2", 3L, true), tuple(3L, "3", 3L, true));
    }

    @Test
    void aCallTellsWhenItsRequestArrivedAndNotWhenItWasApplied() {
        standIn.next(Behaviour.ok().heldBeforeApplied());
        long before = System.nanoTime();
        CompletableFuture<HttpResponse<String>> answer = begin("upsert", ANN);
        await().until(() -> standIn.held().size() == 1);
        long held = System.nanoTime();
        standIn.release();
        answer.join();

        assertThat(standIn.history().get(0).arrivedNanos()).isBetween(before, held);
    }

    @Test
    void whoeverWatchesIsToldOfEachPersonWithoutAHistory() throws Exception {
        List<Applied> seen = new CopyOnWriteArrayList<>();
        standIn.keepHistory(false).onPerson(seen::add);
        long before = System.nanoTime();
        upsert(ANN);
        upsert("{}");
        post("batch", batch(person("2"), "{ \"userId\" : \"3\" , \"a\" : \"ü\" }"));

        assertThat(standIn.history()).isEmpty();
        assertThat(seen)
                .extracting(Applied::number, Applied::request, Applied::userId, Applied::json)
                .containsExactly(
                        tuple(1L, 1L, "1", ANN),
                        tuple(2L, 3L, "2", person("2")),
                        tuple(3L, 3L, "3", "{ \"userId\" : \"3\" , \"a\" : \"ü\" }"));
        assertThat(seen)
                .allSatisfy(applied -> assertThat(applied.arrivedNanos()).isBetween(before, System.nanoTime()));
    }
}
