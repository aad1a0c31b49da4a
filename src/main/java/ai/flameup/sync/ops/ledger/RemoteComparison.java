package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.change.PersonUpsert;
import ai.flameup.sync.delivery.answer.ExactJson;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares the person of a row with the person that the API returned. Pure functions. */
final class RemoteComparison {
    private static final String EMAIL = "email";

    private RemoteComparison() {}

    /**
     * Returns the names of the fields that differ: {@code email}, and mapped traits in the order of the mapping.
     *
     * <p>Traits that the mapping does not have are ignored, and so is everything that an upsert of the row would not change: the
     * address of a row without one, and a trait that is left out because it is null.
     */
    static List<String> differences(PersonUpsert row, RemotePerson person) {
        List<String> names = new ArrayList<>();
        if (row.email() != null && !folded(row.email()).equals(folded(person.email()))) {
            names.add(EMAIL);
        }
        for (int i = 0; i < row.traitCount(); i++) {
            byte[] value = row.trait(i);
            if (value != null && !isSame(ExactJson.parse(value), person.trait(row.traitName(i)))) {
                names.add(row.traitName(i));
            }
        }
        return names;
    }

    private static String folded(@Nullable String email) {
        return email == null ? "" : email.strip().toLowerCase(Locale.ROOT);
    }

    /**
     * @param mapped null if it cannot be parsed, which is a difference
     * @param returned null if the person does not have the trait
     */
    private static boolean isSame(@Nullable JsonNode mapped, @Nullable JsonNode returned) {
        return mapped != null && isEqual(mapped, returned == null ? NullNode.getInstance() : returned);
    }

    /** Whether two values are equal as JSON: numbers by value, objects whatever the order of their members. */
    private static boolean isEqual(JsonNode one, JsonNode other) {
        if (one.isNumber() && other.isNumber()) {
            return one.decimalValue().compareTo(other.decimalValue()) == 0;
        }
        if (one.getNodeType() != other.getNodeType() || one.size() != other.size()) {
            return false;
        }
        if (one.isArray()) {
            Iterator<JsonNode> others = other.iterator();
            return one.valueStream().allMatch(element -> isEqual(element, others.next()));
        }
        if (one.isObject()) {
            return one.properties().stream().allMatch(member -> isMember(member, other));
        }
        return one.equals(other);
    }

    private static boolean isMember(Map.Entry<String, JsonNode> member, JsonNode of) {
        JsonNode value = of.get(member.getKey());
        return value != null && isEqual(member.getValue(), value);
    }
}
