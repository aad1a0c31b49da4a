package ai.flameup.sync.delivery;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What became of one request. Reasons are the API's own words where it gave any, at most 4 KB, and never hold the
 * token.
 */
public sealed interface Outcome {

    /**
     * 2xx.
     *
     * @param externalIds the persons that the answer of a batch names as accepted; empty for a single upsert, whose one
     *     person is accepted by the status alone
     * @param problem why the answer of a batch tells nothing of its persons, as the end of a sentence; null if it does
     */
    record Accepted(Set<String> externalIds, @Nullable String problem) implements Outcome {
        /** Of a batch, one that names those and nobody else. */
        public Accepted(Set<String> externalIds) {
            this(externalIds, externalIds.isEmpty() ? NamedIds.NAMES_NOBODY : null);
        }
    }

    /**
     * 408, 425, 429, 5xx, a time-out, a fault of the connection, or an answer that is none: to be sent again.
     *
     * @param status 0 where there was no answer
     * @param retryAfter what the API asked for, from 0 to an hour, or null
     * @param timedOut whether the API may yet apply the request, after requests that are sent later: no answer came in
     *     time, or a gateway gave up waiting (504)
     * @param cut whether the connection broke after the request, so that it may yet be applied as well
     */
    record Failed(int status, String reason, @Nullable Duration retryAfter, boolean timedOut, boolean cut)
            implements Outcome {
        /** The connection held. */
        public Failed(int status, String reason, @Nullable Duration retryAfter, boolean timedOut) {
            this(status, reason, retryAfter, timedOut, false);
        }

        /** Whether the API may yet apply the request. */
        public boolean mayBeApplied() {
            return timedOut || cut;
        }
    }

    /**
     * Any other 4xx, or a 2xx whose body says {@code "success": false}: what was sent is refused as it is.
     *
     * @param requestId the API's own name for the request, or null
     */
    record Rejected(int status, String reason, @Nullable String requestId) implements Outcome {}

    /** 401, 403, 404 or a redirect: not the person, but the token, the permission, the workspace or the address. */
    record Refused(int status, String reason, @Nullable String requestId) implements Outcome {}
}
