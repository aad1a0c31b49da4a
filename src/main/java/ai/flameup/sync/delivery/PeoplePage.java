package ai.flameup.sync.delivery;

import ai.flameup.sync.delivery.answer.ExactJson;
import ai.flameup.sync.delivery.answer.Outcome;
import ai.flameup.sync.delivery.answer.Response;
import ai.flameup.sync.delivery.header.RateLimit;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The persons that one answer of a search or of the list contains. They are personal data. Immutable, provided that no caller
 * changes the trees.
 *
 * @param quota null if the answer reports no budget, or there was no answer
 * @param people each as the API returned it; empty unless the outcome is accepted and the content can be read
 * @param content whether the persons of an accepted answer can be read
 */
public record PeoplePage(Outcome outcome, @Nullable RateLimit quota, List<JsonNode> people, Content content) {

    /** Whether the persons of an answer can be read. */
    public enum Content {
        READ,
        /** The answer is longer than 16 MB. A smaller page may be shorter. */
        TOO_LONG,
        /** The answer is not JSON, or contains no list of persons. */
        UNREADABLE
    }

    /** @param body ignored unless the answer is accepted */
    static PeoplePage of(Response answer, byte[] body, boolean isCut) {
        if (!(answer.outcome() instanceof Outcome.Accepted)) {
            return new PeoplePage(answer.outcome(), answer.quota(), List.of(), Content.READ);
        }
        if (isCut) {
            return new PeoplePage(answer.outcome(), answer.quota(), List.of(), Content.TOO_LONG);
        }
        JsonNode json = ExactJson.parse(body);
        JsonNode people = json == null ? null : json.get("people");
        return people == null || !people.isArray()
                ? new PeoplePage(answer.outcome(), answer.quota(), List.of(), Content.UNREADABLE)
                : new PeoplePage(
                        answer.outcome(), answer.quota(), people.valueStream().toList(), Content.READ);
    }

    /** Without the persons. */
    @Override
    public String toString() {
        return "PeoplePage[" + people.size() + " persons, " + content + "]";
    }
}
