package ai.flameup.sync.delivery.answer;

import ai.flameup.sync.delivery.header.Headers;
import ai.flameup.sync.delivery.header.RetryAfter;
import java.time.Instant;
import java.util.Set;

/** Interprets answers by the table in delivery.md. Pure functions. */
public final class OutcomeRules {
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_EARLY = 425;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int GATEWAY_TIMEOUT = 504;

    private OutcomeRules() {}

    /**
     * @param body what was read of it
     * @param accepted the persons that a 2xx names
     * @param now the time of an answer without a {@code Date}
     * @param token removed from every reason
     */
    public static Outcome outcome(
            int status, Headers headers, byte[] body, Set<String> accepted, Instant now, String token) {
        if (isSuccess(status)) {
            return DeclaredFailure.isIn(body) ? rejected(status, headers, body, token) : new Outcome.Accepted(accepted);
        }
        Reason reason = Reason.of(status, headers, body, token);
        if (isRetried(status)) {
            // After a 408 the request was not processed. After a 504 it may still be.
            return new Outcome.Failed(status, reason.words(), RetryAfter.of(headers, now), status == GATEWAY_TIMEOUT);
        }
        if (isRefusal(status)) {
            return new Outcome.Refused(status, reason.words(), reason.requestId());
        }
        return new Outcome.Rejected(status, reason.words(), reason.requestId());
    }

    /** The content of the request is refused, whatever the status. */
    static Outcome.Rejected rejected(int status, Headers headers, byte[] body, String token) {
        Reason reason = Reason.of(status, headers, body, token);
        return new Outcome.Rejected(status, reason.words(), reason.requestId());
    }

    static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    /** Includes numbers that are not HTTP statuses, because they say nothing about the person. */
    private static boolean isRetried(int status) {
        return status == REQUEST_TIMEOUT
                || status == TOO_EARLY
                || status == TOO_MANY_REQUESTS
                || status >= 500
                || status < 200;
    }

    private static boolean isRefusal(int status) {
        return status < 400 || status == 401 || status == 403 || status == 404;
    }
}
