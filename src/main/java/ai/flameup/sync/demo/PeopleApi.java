package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The API's calls: checks a request and applies it. Safe for use by many threads. */
final class PeopleApi {
    private static final int MAX_BATCH = 100;

    private final People people;
    private volatile String authorization = "";
    private volatile String workspace = "";
    private volatile String root = "";
    private volatile BatchManner batchManner = BatchManner.ATOMIC;
    private volatile BatchOrder batchOrder = BatchOrder.AS_SENT;

    PeopleApi(People people) {
        this.people = people;
    }

    void token(String token) {
        authorization = "Bearer " + token;
    }

    void workspace(String name) {
        workspace = name;
        root = "/api/v1/workspaces/" + name + "/people";
    }

    void batches(BatchManner manner) {
        batchManner = manner;
    }

    void batchOrder(BatchOrder order) {
        batchOrder = order;
    }

    Answer answer(Arrival arrival) {
        if (!authorization.equals(arrival.authorization())) {
            return Answer.unauthorized();
        }
        String path = arrival.path();
        if (!path.startsWith(root)) {
            return Answer.plain(404, "not_found", "No such workspace or path");
        }
        String call = path.substring(root.length());
        String expected = method(call);
        if (expected == null) {
            return Answer.plain(404, "not_found", "No such path");
        }
        if (!expected.equals(arrival.method())) {
            return Answer.plain(405, "method_not_allowed", "Use " + expected);
        }
        return switch (call) {
            case "/upsert" -> upsert(arrival);
            case "/batch" -> batch(arrival);
            case "/search" -> search(new Query(arrival.uri()));
            default -> list(new Query(arrival.uri()));
        };
    }

    private static @Nullable String method(String call) {
        return switch (call) {
            case "/upsert", "/batch" -> "POST";
            case "", "/search" -> "GET";
            default -> null;
        };
    }

    private Answer upsert(Arrival arrival) {
        SentPerson person = BodyReader.person(arrival.body());
        if (person == null) {
            return Answer.unreadable("body", "must be a JSON object");
        }
        Answer problem = PersonRules.problem(person);
        if (problem != null) {
            return problem;
        }
        People.Upserted upserted =
                people.upsert(List.of(person), arrival, false).get(0);
        return new Answer(200, PersonJson.text(upserted.person(), workspace));
    }

    private Answer batch(Arrival arrival) {
        BatchManner manner = batchManner;
        if (manner == BatchManner.ABSENT) {
            return Answer.plain(404, "not_found", "No such path");
        }
        if (manner == BatchManner.NOT_ALLOWED) {
            return Answer.plain(405, "method_not_allowed", "Not here");
        }
        List<SentPerson> given = BodyReader.people(arrival.body());
        if (given == null || given.isEmpty() || given.size() > MAX_BATCH) {
            return Answer.unreadable("people", "must be a list of 1 to " + MAX_BATCH + " persons");
        }
        List<SentPerson> valid = new ArrayList<>();
        for (SentPerson person : given) {
            Answer problem = PersonRules.problem(person);
            if (problem == null) {
                valid.add(person);
            } else if (manner == BatchManner.ATOMIC) {
                return problem;
            }
        }
        if (batchOrder == BatchOrder.REVERSED) {
            Collections.reverse(valid);
        }
        return batchAnswer(people.upsert(valid, arrival, true));
    }

    private Answer batchAnswer(List<People.Upserted> upserted) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode list = answer.putArray("people");
        upserted.forEach(one -> list.add(PersonJson.identity(one.person(), workspace)));
        long created = upserted.stream().filter(People.Upserted::created).count();
        return Answer.ok(answer.put("created_count", created).put("updated_count", upserted.size() - created));
    }

    private Answer search(Query query) {
        String externalId = query.text("external_id");
        String email = query.text("email");
        if (externalId == null && email == null) {
            return Answer.unreadable("external_id", "or email is required");
        }
        Answer problem = query.problem();
        return problem != null ? problem : people(people.search(externalId, email, query.limit()));
    }

    /** Everybody here is active. */
    private Answer list(Query query) {
        Answer problem = query.problem();
        if (problem != null) {
            return problem;
        }
        String status = query.text("status");
        boolean isActive = status == null || status.equals("active");
        return people(isActive ? people.page(query.offset(), query.limit(), query.text("search")) : List.of());
    }

    private Answer people(List<People.Kept> found) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode list = answer.putArray("people");
        found.forEach(person -> list.add(PersonJson.whole(person, workspace)));
        return Answer.ok(answer);
    }
}
