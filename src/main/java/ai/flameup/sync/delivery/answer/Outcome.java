package ai.flameup.sync.delivery.answer;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one request. Reasons are the API's own text, if there is one, at most 4 KB, and never contain the token.
 */
public sealed interface Outcome {

    /**
     * 2xx.
     *
     * @param externalIds the persons that the answer of a batch names as accepted; empty for a single upsert, whose one
     *     person is accepted by the status alone
     * @param problem why the answer of a batch names no persons, as the end of a sentence; null if it does
     */
    record Accepted(Set<String> externalIds, @Nullable String problem) implements Outcome {
        /** The answer of a batch that names exactly these persons. */
        public Accepted(Set<String> externalIds) {
            this(externalIds, externalIds.isEmpty() ? AcceptedIds.NAMES_NO_PERSON : null);
        }
    }

    /**
     * 408, 425, 429, 5xx, a time-out, a failed connection, or an answer that is not HTTP: to be retried.
     *
     * @param status 0 if there was no answer
     * @param retryAfter the delay that the API requests, from 0 to an hour, or null
     * @param timedOut whether the API may still apply the request, even after later ones: no answer arrived before the
     *     time-out, or a gateway timed out (504)
     * @param cut whether the connection failed after the request was sent, so that it may still be applied as well
     */
    record Failed(int status, String reason, @Nullable Duration retryAfter, boolean timedOut, boolean cut)
            implements Outcome {
        /** The connection did not fail. */
        public Failed(int status, String reason, @Nullable Duration retryAfter, boolean timedOut) {
            this(status, reason, retryAfter, timedOut, false);
        }

        /** Whether the API may still apply the request. */
        public boolean mayBeApplied() {
            return timedOut || cut;
        }
    }

    /**
     * Any other 4xx, or a 2xx whose body contains {@code "success": false}: the content of the request is refused.
     *
     * @param requestId the id that the API gave the request, or null
     */
    record Rejected(int status, String reason, @Nullable String requestId) implements Outcome {}

    /** 401, 403, 404 or a redirect: the token, the permission, the workspace or the address is refused, not the person. */
    record Refused(int status, String reason, @Nullable String requestId) implements Outcome {}
}
