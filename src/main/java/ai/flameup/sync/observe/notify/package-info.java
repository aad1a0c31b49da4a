/**
 * Decides when to notify the operator, and posts to the webhook.
 *
 * <p>Uses {@code observe}.
 */
@NullMarked
package ai.flameup.sync.observe.notify;

import org.jspecify.annotations.NullMarked;
