/**
 * One HTTP request to the people API, and its outcome.
 *
 * <ul>
 *   <li>Sending: {@link ai.flameup.sync.delivery.PeopleApi} is the entrance. {@code Exchange} is one request on one of the
 *       {@code Connections}; {@code Deadlines} ends it in time. {@code Tunnel} goes through a proxy.
 *   <li>Reading: {@code AnswerReader} collects an answer within limits, {@code Answers} turns it into an
 *       {@link ai.flameup.sync.delivery.Outcome}. {@code Reason}, {@code NamedIds} and {@code DeclaredFailure} read the body,
 *       {@link ai.flameup.sync.delivery.Quota} and {@code RetryAfter} the headers. {@code Line} removes the token.
 * </ul>
 *
 * <p>It does not contain retries, batching, order, or the budget: each request is sent once, and the {@code pipeline}
 * decides what follows. It may use {@code change} and {@code fault}. The HTTP client is used nowhere else.
 */
@NullMarked
package ai.flameup.sync.delivery;

import org.jspecify.annotations.NullMarked;
