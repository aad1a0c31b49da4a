package ai.flameup.sync.standin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ai.flameup.sync.demo.StoredPerson;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchBehaviourTest extends StandInHttpTest {
    private static final String INVALID = "{\"email\":\"bob@example.com\"}";

    BatchBehaviourTest() {
        super(StandIn.start());
    }

    @Test
    void atomic_onePersonInvalid_refusesAll() throws Exception {
        HttpResponse<String> answer = post("batch", batch(person("1"), INVALID, person("2")));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(json(answer).path("error").path("details").path("fields").has("userId"))
                .isTrue();
        assertThat(standIn.persons()).isEmpty();
    }

    @Test
    void partial_omitsInvalidPersons() throws Exception {
        standIn.batches(BatchManner.PARTIAL);
        HttpResponse<String> answer = post("batch", batch(person("1"), INVALID, "7", person("2")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(externalIds(answer)).containsExactly("1", "2");
        assertThat(json(answer).path("created_count").intValue()).isEqualTo(2);
        assertThat(standIn.persons()).extracting(StoredPerson::externalId).containsExactly("1", "2");
        assertThat(externalIds(post("batch", batch(INVALID)))).isEmpty();
        assertThat(post("batch", batch()).statusCode()).isEqualTo(400);
    }

    @Test
    void absentOrNotAllowed_refusesBatchesOnly() throws Exception {
        standIn.batches(BatchManner.ABSENT);
        assertThat(post("batch", batch(person("1"))).statusCode()).isEqualTo(404);
        standIn.batches(BatchManner.NOT_ALLOWED);
        assertThat(post("batch", batch(person("1"))).statusCode()).isEqualTo(405);

        assertThat(standIn.persons()).isEmpty();
        assertThat(upsert(person("1")).statusCode()).isEqualTo(200);
        standIn.batches(BatchManner.ATOMIC);
        assertThat(post("batch", batch(person("2"))).statusCode()).isEqualTo(200);
    }

    @Test
    void reversed_appliesTheLastPersonFirst() throws Exception {
        String givesUp = "{\"userId\":\"1\",\"email\":\"new@example.com\"}";
        String takes = "{\"userId\":\"2\",\"email\":\"ann@example.com\"}";
        upsert(ANN);
        standIn.batchOrder(BatchOrder.REVERSED);
        post("batch", batch(givesUp, takes));

        // The address was not given up yet, so the second upsert matched the first person.
        assertThat(standIn.persons())
                .extracting(StoredPerson::externalId, StoredPerson::email)
                .containsExactly(tuple("2", "ann@example.com"), tuple("1", "new@example.com"));
    }

    @Test
    void asSent_appliesTheFirstPersonFirst() throws Exception {
        post("batch", batch("{\"userId\":\"1\",\"traits\":{\"a\":1}}", "{\"userId\":\"1\",\"traits\":{\"a\":2}}"));

        assertThat(onlyPerson().traits()).hasToString("{a=2}");
    }

    @Test
    void batch_otherFields_areIgnored() throws Exception {
        String body = "{\"a\":{\"people\":[1]},\"people\":[" + ANN + "],\"b\":[[]]}";

        assertThat(externalIds(post("batch", body))).containsExactly("1");
        assertThat(standIn.history().get(0).person()).isEqualTo(JSON.readTree(ANN));
        assertThat(post("batch", body + "]").statusCode()).isEqualTo(400);
        assertThat(post("batch", "{\"people\":{}}").statusCode()).isEqualTo(400);
        assertThat(post("batch", "[]").statusCode()).isEqualTo(400);
    }

    private static List<String> externalIds(HttpResponse<String> answer) throws Exception {
        List<String> ids = new ArrayList<>();
        for (JsonNode person : json(answer).path("people")) {
            ids.add(person.path("external_id").textValue());
        }
        return ids;
    }
}
