package ai.flameup.sync.delivery;

import java.time.Instant;
import java.util.Set;

/** What an answer means, by the table in delivery.md. A pure function. */
final class Answers {
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_EARLY = 425;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int GATEWAY_TIMEOUT = 504;

    private Answers() {}

    /**
     * @param body as much of it as was read
     * @param accepted the persons that a 2xx names
     * @param now the time where the answer does not tell its own
     * @param token never to be part of a reason
     */
    static Outcome outcome(int status, Headers headers, byte[] body, Set<String> accepted, Instant now, String token) {
        if (isSuccess(status)) {
            return DeclaredFailure.isIn(body) ? rejected(status, headers, body, token) : new Outcome.Accepted(accepted);
        }
        Reason reason = Reason.of(status, headers, body, token);
        if (isToBeSentAgain(status)) {
            // A 408 says that the request was not processed; after a 504 nobody knows whether it still will be.
            return new Outcome.Failed(status, reason.words(), RetryAfter.of(headers, now), status == GATEWAY_TIMEOUT);
        }
        if (isRefusal(status)) {
            return new Outcome.Refused(status, reason.words(), reason.requestId());
        }
        return new Outcome.Rejected(status, reason.words(), reason.requestId());
    }

    /** What was sent is refused as it is, whatever the status. */
    static Outcome.Rejected rejected(int status, Headers headers, byte[] body, String token) {
        Reason reason = Reason.of(status, headers, body, token);
        return new Outcome.Rejected(status, reason.words(), reason.requestId());
    }

    static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    /** Also what is no status of HTTP at all: it says nothing about the person. */
    private static boolean isToBeSentAgain(int status) {
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
