package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the API documents about one person. Pure functions. */
public final class PersonRules {
    /** The API shows these as fields of a person. */
    static final List<String> DOCUMENTED_TRAITS =
            List.of("first_name", "last_name", "phone", "avatar_url", "timezone", "locale");

    private static final int MAX_USER_ID = 255;
    private static final int MAX_EMAIL = 254;

    private PersonRules() {}

    /** Returns the response that refuses this person of a request, or null if the person is valid. */
    public static @Nullable ApiResponse problem(JsonNode person) {
        JsonNode userId = person.path("userId");
        JsonNode email = person.path("email");
        JsonNode traits = person.path("traits");
        if (!userId.isTextual() || userId.textValue().isBlank()) {
            return invalid("userId", "is required and must be a string");
        }
        if (isLonger(userId, MAX_USER_ID)) {
            return invalid("userId", "must have at most " + MAX_USER_ID + " characters");
        }
        if (isGiven(email) && !email.isTextual()) {
            return invalid("email", "must be a string");
        }
        if (isLonger(email, MAX_EMAIL)) {
            return invalid("email", "must have at most " + MAX_EMAIL + " characters");
        }
        return isGiven(traits) && !traits.isObject() ? invalid("traits", "must be an object") : null;
    }

    private static ApiResponse invalid(String field, String rule) {
        return ApiResponse.invalid(422, field, rule);
    }

    private static boolean isGiven(JsonNode field) {
        return !field.isMissingNode() && !field.isNull();
    }

    private static boolean isLonger(JsonNode field, int limit) {
        String text = field.asText("");
        return text.length() > limit && text.codePointCount(0, text.length()) > limit;
    }
}
