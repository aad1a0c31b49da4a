/**
 * Parsing of headers: dates, numbers, delays and budgets; and the sanitizer of all text that comes from others.
 *
 * <p>Everything here is a pure function. It uses none of our packages.
 */
@NullMarked
package ai.flameup.sync.delivery.header;

import org.jspecify.annotations.NullMarked;
