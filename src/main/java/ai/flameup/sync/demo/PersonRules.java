package ai.flameup.sync.demo;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** What the API asks of one person that is sent. Pure functions. */
final class PersonRules {
    private static final int MAX_USER_ID = 255;
    private static final int MAX_EMAIL = 254;

    private PersonRules() {}

    /** The refusal, or null where the person is as it should be. */
    static @Nullable Answer problem(JsonNode person) {
        JsonNode userId = person.path("userId");
        if (!userId.isTextual() || userId.textValue().isBlank()) {
            return Answer.invalid("userId", "is required and must be a string");
        }
        if (length(userId) > MAX_USER_ID) {
            return Answer.invalid("userId", "must have at most " + MAX_USER_ID + " characters");
        }
        JsonNode email = person.path("email");
        if (!isAbsent(email) && !email.isTextual()) {
            return Answer.invalid("email", "must be a string");
        }
        if (email.isTextual() && length(email) > MAX_EMAIL) {
            return Answer.invalid("email", "must have at most " + MAX_EMAIL + " characters");
        }
        JsonNode traits = person.path("traits");
        if (!isAbsent(traits) && !traits.isObject()) {
            return Answer.invalid("traits", "must be an object");
        }
        return null;
    }

    /** The address that a valid person comes with, or null where there is none. */
    static @Nullable String email(JsonNode person) {
        String email = person.path("email").textValue();
        return email == null || email.isBlank() ? null : email;
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private static int length(JsonNode text) {
        String value = text.textValue();
        return value.codePointCount(0, value.length());
    }
}
