package ai.flameup.sync.delivery;

/**
 * What an answer says of the budget of requests, in its {@code X-RateLimit-*} headers. Immutable.
 *
 * @param limit requests in a window, at least 1
 * @param remaining requests left in the present one, 0 to {@code limit}
 * @param resetsAt when the present window ends, in Unix seconds by the API's clock
 * @param serverTime the time of the answer in Unix seconds, by its {@code Date} header; by our clock where it has none
 */
public record Quota(long limit, long remaining, long resetsAt, long serverTime) {}
