package ai.flameup.sync.demo;

import com.fasterxml.jackson.core.JsonToken;
import org.jspecify.annotations.Nullable;

/**
 * A person as it was sent, as much of it as the API looks at; whether it is as it should be is for {@link PersonRules}.
 * Immutable.
 *
 * @param userId empty where there is none that is a string
 * @param emailKind null's where there is no email
 * @param traitsKind null's where there are no traits
 * @param traits null where there is no object of that name
 * @param json all of it, what the API does not look at too
 */
record SentPerson(
        String userId,
        JsonToken emailKind,
        @Nullable String email,
        JsonToken traitsKind,
        @Nullable SentTraits traits,
        JsonSlice json) {

    /** The address that a valid person comes with, or null where there is none. */
    @Nullable
    String address() {
        return email == null || email.isBlank() ? null : email;
    }
}
