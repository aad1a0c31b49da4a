package ai.flameup.sync.delivery.answer;

import org.jspecify.annotations.Nullable;

/**
 * An answer with its text, for operators. Neither contains the token. Immutable.
 *
 * @param status 0 if there was no answer
 * @param words the text of the API, or what happened to the request if there is none; one line, at most 4 KB. For an
 *     accepted person it contains the API's data of the person: personal data
 * @param requestId the id that the API gave the request, or null
 */
public record ResponseDetails(
        Outcome outcome, int status, String words, @Nullable String requestId) {
    /** Without the text. */
    @Override
    public String toString() {
        return "Told[" + status + ", " + requestId + "]";
    }
}
