package ai.flameup.sync.delivery;

import org.jspecify.annotations.Nullable;

/**
 * An answer with its words, for people. Neither of them holds the token.
 *
 * @param status 0 where there was no answer
 * @param words what the API said, or what became of the request where it said nothing; one line, at most 4 KB. Of a
 *     person who was accepted they hold what the API tells of it: personal data
 * @param requestId the API's own name for the request, or null
 */
public record Told(
        Outcome outcome, int status, String words, @Nullable String requestId) {
    /** Without the words. */
    @Override
    public String toString() {
        return "Told[" + status + ", " + requestId + "]";
    }
}
