/**
 * Reading responses within limits, and what they mean, by the table in delivery.md.
 *
 * <p>{@code ResponseReader} collects a response, {@code OutcomeRules} turns it into an {@code Outcome}. {@code Reason},
 * {@code AcceptedIds} and {@code DeclaredFailure} read the body. It does not send anything. It may use
 * {@code delivery.header}.
 */
@NullMarked
package ai.flameup.sync.delivery.answer;

import org.jspecify.annotations.NullMarked;
