/**
 * Notifications: {@code AlertCondition} says what is reported, {@code AlertPolicy} decides when, {@code AlertFile} keeps what
 * was reported for the next process, and {@code Webhook} posts messages.
 *
 * <p>May use {@code observe} and {@code fault}.
 */
@NullMarked
package ai.flameup.sync.observe.notify;

import org.jspecify.annotations.NullMarked;
