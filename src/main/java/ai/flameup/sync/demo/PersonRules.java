package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.JsonToken;
import org.jspecify.annotations.Nullable;

/** What the API asks of one person that is sent. Pure functions. */
final class PersonRules {
    private static final int MAX_USER_ID = 255;
    private static final int MAX_EMAIL = 254;

    private PersonRules() {}

    /** The refusal, or null where the person is as it should be. */
    static @Nullable Answer problem(SentPerson person) {
        if (person.userId().isBlank()) {
            return Answer.invalid("userId", "is required and must be a string");
        }
        if (isLonger(person.userId(), MAX_USER_ID)) {
            return Answer.invalid("userId", "must have at most " + MAX_USER_ID + " characters");
        }
        String email = person.email();
        if (email == null && person.emailKind() != JsonToken.VALUE_NULL) {
            return Answer.invalid("email", "must be a string");
        }
        if (email != null && isLonger(email, MAX_EMAIL)) {
            return Answer.invalid("email", "must have at most " + MAX_EMAIL + " characters");
        }
        if (person.traits() == null && person.traitsKind() != JsonToken.VALUE_NULL) {
            return Answer.invalid("traits", "must be an object");
        }
        return null;
    }

    private static boolean isLonger(String text, int limit) {
        return text.length() > limit && text.codePointCount(0, text.length()) > limit;
    }
}
