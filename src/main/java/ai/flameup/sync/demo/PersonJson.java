package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A person as the API answers with it. Pure functions. */
final class PersonJson {
    private static final Set<String> FIELDS =
            Set.of("first_name", "last_name", "phone", "avatar_url", "timezone", "locale");

    private PersonJson() {}

    /** The same as {@link #identity}, written by hand: this is the call that has to be fast. */
    static String text(People.Kept person, String workspace) {
        StringBuilder json = new StringBuilder(256).append("{\"id\":\"").append(person.id());
        member(json.append('"'), "workspace_id", workspace);
        member(json, "external_id", person.externalId());
        member(json, "email", person.email());
        return json.append(",\"status\":\"active\"}").toString();
    }

    private static void member(StringBuilder json, String name, @Nullable String value) {
        json.append(",\"").append(name).append("\":");
        if (value == null) {
            json.append("null");
        } else {
            json.append('"');
            JsonStringEncoder.getInstance().quoteAsString(value, json);
            json.append('"');
        }
    }

    static ObjectNode identity(People.Kept person, String workspace) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", person.id())
                .put("workspace_id", workspace)
                .put("external_id", person.externalId())
                .put("email", person.email())
                .put("status", "active");
    }

    /** The documented traits are fields of the person, every other one an attribute. */
    static ObjectNode whole(People.Kept person, String workspace) {
        ObjectNode node = identity(person, workspace);
        FIELDS.forEach(node::putNull);
        ObjectNode attributes = node.putObject("attributes");
        person.traits().toMap().forEach((name, value) -> (FIELDS.contains(name) ? node : attributes).set(name, value));
        return node;
    }
}
