/**
 * One HTTP request to the people API, and its outcome.
 *
 * <p>Start reading at {@code PeopleApi}; an {@code ApiRequest} is one request. Connections are in {@code delivery.connection}, the
 * interpretation of answers in {@code delivery.answer}, that of headers in {@code delivery.header}.
 *
 * <p>It does not contain retries, batching, order or the budget: each request is sent once, and the {@code pipeline} decides
 * what follows. It may use its own sub-packages (delivery → answer → header and delivery → connection → header),
 * {@code change} and {@code fault}. Only this package uses the Apache HTTP client.
 */
@NullMarked
package ai.flameup.sync.delivery;

import org.jspecify.annotations.NullMarked;
