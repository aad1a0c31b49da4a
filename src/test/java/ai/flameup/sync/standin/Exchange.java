package ai.flameup.sync.standin;

import ai.flameup.sync.demo.ApiResponse;
import org.jspecify.annotations.Nullable;

/**
 * A request with the behaviour that was chosen for it. Immutable.
 *
 * @param share what the rate limit granted; null if there is no limit
 */
record Exchange(ReceivedRequest request, RateLimit.@Nullable Share share, Behaviour behaviour) {
    private static final Behaviour PAST_LIMIT = Behaviour.status(429)
            .body(ApiResponse.plain(429, "rate_limit_exceeded", "Too many requests")
                    .body());

    /** Takes the request from the rate limit, and chooses its behaviour. A request past the limit uses up no fault. */
    static Exchange of(ReceivedRequest request, RateLimit limit, FaultSelector faults) {
        RateLimit.Share share = limit.take();
        boolean granted = share == null || share.granted();
        return new Exchange(request, share, granted ? faults.choose(request) : PAST_LIMIT);
    }
}
