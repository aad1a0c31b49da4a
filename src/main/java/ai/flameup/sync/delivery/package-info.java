/**
 * One HTTP request to the people API, and its outcome.
 *
 * <p>{@code PeopleApi} is the entrance, and {@code Exchange} one request. Connections are in {@code delivery.connection}, the
 * interpretation of answers in {@code delivery.answer}, that of headers in {@code delivery.header}.
 *
 * <p>It does not contain retries, batching, order or the budget: each request is sent once, and the {@code pipeline} decides
 * what follows. It may use its own sub-packages (delivery → answer → header and delivery → connection → header),
 * {@code change} and {@code fault}. The HTTP client is used nowhere else.
 */
@NullMarked
package ai.flameup.sync.delivery;

import org.jspecify.annotations.NullMarked;
