package ai.flameup.sync.ops.ledger;

import ai.flameup.sync.mapping.MappingSettings;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A person as the API returned it, in any form that its documents show. Personal data. Immutable, provided that no caller changes
 * the tree.
 *
 * @param json an object; anything else is a person without an id
 */
record RemotePerson(JsonNode json) {
    private static final String TRAITS = "traits";
    private static final String ATTRIBUTES = "attributes";

    /** Returns the user id; null if the person has none, for example because it was created in Flameup. */
    @Nullable
    String userId() {
        String id = text("external_id");
        return id == null ? text("userId") : id;
    }

    /** Returns what tells the person from others: the user id, or else the API's own id; null if it has neither. */
    @Nullable
    String anyId() {
        String id = userId();
        return id == null ? text("id") : id;
    }

    @Nullable
    String email() {
        return text("email");
    }

    /** Returns the value of a trait; null if the person does not have it, or has null. */
    @Nullable
    JsonNode trait(String name) {
        List<JsonNode> holders = MappingSettings.DOCUMENTED_TRAITS.contains(name)
                ? List.of(json, json.path(TRAITS), json.path(ATTRIBUTES))
                : List.of(json.path(ATTRIBUTES), json.path(TRAITS));
        return holders.stream()
                .map(holder -> holder.path(name))
                .filter(value -> !value.isMissingNode() && !value.isNull())
                .findFirst()
                .orElse(null);
    }

    private @Nullable String text(String name) {
        JsonNode value = json.path(name);
        return value.isValueNode() && !value.isNull() ? value.asText() : null;
    }

    /** Without the data. */
    @Override
    public String toString() {
        return "RemotePerson";
    }
}
