package ai.flameup.sync.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class AppliedPersonsTest extends StandInHttpTest {
    AppliedPersonsTest() {
        super(StandIn.start());
    }

    @Test
    void appliedPerson_namesItsRequest() throws Exception {
        upsert(person("1"));
        upsert("{}");
        post("batch", batch(person("2"), person("3")));

        assertThat(standIn.history())
                .extracting(AppliedPerson::number, AppliedPerson::userId, AppliedPerson::request, AppliedPerson::batch)
                .containsExactly(tuple(1L, "1", 1L, false), tuple(2L, "2", 3L, true), tuple(3L, "3", 3L, true));
    }

    @Test
    void arrivedNanos_isTheArrivalOfTheRequest() {
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
    void onPerson_withoutHistory_seesEachPerson() throws Exception {
        List<AppliedPerson> seen = new CopyOnWriteArrayList<>();
        standIn.keepHistory(false).onPerson(seen::add);
        long before = System.nanoTime();
        upsert(ANN);
        upsert("{}");
        post("batch", batch(person("2"), "{ \"userId\" : \"3\" , \"a\" : \"ü\" }"));

        assertThat(standIn.history()).isEmpty();
        assertThat(seen)
                .extracting(AppliedPerson::number, AppliedPerson::request, AppliedPerson::userId, AppliedPerson::person)
                .containsExactly(
                        tuple(1L, 1L, "1", JSON.readTree(ANN)),
                        tuple(2L, 3L, "2", JSON.readTree(person("2"))),
                        tuple(3L, 3L, "3", JSON.readTree("{\"userId\":\"3\",\"a\":\"ü\"}")));
        assertThat(seen)
                .allSatisfy(applied -> assertThat(applied.arrivedNanos()).isBetween(before, System.nanoTime()));
    }

    @Test
    void history_keepsPersonsAsSent() throws Exception {
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":1}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"b\":2}}");
        upsert("{\"userId\":\"1\",\"traits\":{\"a\":3}}");

        assertThat(standIn.history())
                .extracting(call -> call.person().path("traits").toString())
                .containsExactly("{\"a\":1}", "{\"b\":2}", "{\"a\":3}");
        assertThat(onlyPerson().traits()).hasToString("{a=3, b=2}");
    }

    @Test
    void history_whileKept_isInOrder() throws Exception {
        upsert(ANN);
        standIn.keepHistory(false);
        upsert(ANN);
        standIn.keepHistory(true);
        upsert("{\"userId\":\"2\"}");

        assertThat(standIn.history()).extracting(AppliedPerson::number).containsExactly(1L, 3L);
        assertThat(standIn.history().get(0).person()).isEqualTo(JSON.readTree(ANN));
    }

    @Test
    void traits_notKept_areEmpty() throws Exception {
        standIn.keepTraits(false);
        upsert(ANN);

        assertThat(onlyPerson().email()).isEqualTo("ann@example.com");
        assertThat(onlyPerson().traits()).isEmpty();
        assertThat(standIn.personCount()).isEqualTo(1);
    }
}
