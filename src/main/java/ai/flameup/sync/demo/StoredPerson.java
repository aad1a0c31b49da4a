package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A person as the stand-in stores it. Immutable.
 *
 * @param id assigned by the stand-in, as the vendor assigns its own
 * @param externalId the {@code userId} of the last upsert
 * @param email as it was sent, or null if no upsert had one
 * @param traits merged from all upserts; a trait that was set to null is JSON's null
 */
public record StoredPerson(
        String id, String externalId, @Nullable String email, Map<String, JsonNode> traits) {}
