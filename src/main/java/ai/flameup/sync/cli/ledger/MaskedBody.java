package ai.flameup.sync.cli.ledger;

import ai.flameup.sync.change.PersonUpsert;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The body of a request whose values are hidden, except user id and null. Stateless. */
final class MaskedBody {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String MASK = "***";

    private MaskedBody() {}

    /** Returns the body as JSON. */
    static byte[] of(PersonUpsert person) throws IOException {
        JsonNode body = JSON.readTree(person.json());
        if (body instanceof ObjectNode root) {
            mask(root, "email");
            if (root.get("traits") instanceof ObjectNode traits) {
                traits.fieldNames().forEachRemaining(name -> mask(traits, name));
            }
        }
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void mask(ObjectNode node, String name) {
        JsonNode value = node.get(name);
        if (value != null && !value.isNull()) {
            node.put(name, MASK);
        }
    }
}
